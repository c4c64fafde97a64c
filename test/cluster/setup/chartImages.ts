import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { ociLayout, tarOf } from "../../../scripts/image/ociLayout.ts";
import { root } from "../../../scripts/project.ts";
import { chartTools } from "../../chart/setup/chartTools.ts";
import { imageMissing } from "../../chart/setup/imageMissing.ts";
import { image } from "../../chart/setup/paths.ts";

const name = "aliyun-acr-credential-provider";
const plugin = `usr/bin/${name}`;
/** The version of the executable in the image that is upgraded to. */
export const nextVersion = "0.1.1-next";
export const nextImage = `${image}-next`;

/** Makes the image of this version and one of a next one, as archives. @returns why that cannot be done here, if so. */
export async function buildChartImages(): Promise<string | undefined> {
  const missing = (await chartTools()) ?? imageMissing();
  if (missing) return missing;
  const made = Bun.spawnSync([process.execPath, "run", `${root}scripts/image.ts`, "--output", image]);
  if (made.exitCode !== 0) throw new Error(`npm run image: ${made.stderr}`);
  await buildNextImage();
  return undefined;
}

/** For this machine only: the same files of Debian's, and an executable that says the next version. */
async function buildNextImage(): Promise<void> {
  const [manifest] = JSON.parse(
    blobOf(JSON.parse(readFileSync(`${image}/index.json`, "utf8")).manifests[0]).toString(),
  ).manifests;
  const staging = `${nextImage}-files`;
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging, { recursive: true });
  for (const layer of JSON.parse(blobOf(manifest).toString()).layers) {
    const unpacked = Bun.spawnSync(["tar", "-xz", "-C", staging], { stdin: blobOf(layer) });
    if (unpacked.exitCode !== 0) throw new Error(`tar: ${unpacked.stderr}`);
  }
  await buildNextExecutable(`${staging}/${plugin}`);
  const layout = ociLayout(nextImage);
  const next = layout.image({
    architecture: "amd64",
    layers: [await layout.layer(staging, nextVersion, 0)],
    entrypoint: [`/${plugin}`],
    annotations: {},
    epoch: 0,
  });
  layout.index([next], {}, nextVersion);
  writeFileSync(`${nextImage}.tar`, tarOf(nextImage, 0));
}

const blobOf = ({ digest }: { digest: string }) => readFileSync(`${image}/blobs/${digest.replace(":", "/")}`);

async function buildNextExecutable(path: string): Promise<void> {
  const outfile = `${nextImage}-executable`;
  const about = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
  await Bun.build({
    entrypoints: [`${root}src/main/main.ts`],
    compile: { outfile, autoloadBunfig: false, autoloadDotenv: false },
    plugins: [
      {
        name: "next version",
        setup(build) {
          build.onLoad({ filter: new RegExp(`^${root}package\\.json$`) }, () => ({
            contents: JSON.stringify({ ...about, version: nextVersion }),
            loader: "json",
          }));
        },
      },
    ],
  });
  if (!existsSync(outfile)) throw new Error("the executable of the next version was not built");
  copyFileSync(outfile, path);
  chmodSync(path, 0o755);
}
