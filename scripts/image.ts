/**
 * The image of the DaemonSet, without a container engine: `npm run image [-- --output DIR] [--tag TAG] [--source URL]`.
 * Makes an OCI layout DIR (default dist/image) for linux/amd64 and linux/arm64, and DIR.tar for `ctr images import`.
 * `--update-packages` takes Debian's present packages into the pins first. Twice the same commit gives the same bytes.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import {
  type Architecture,
  architectures,
  debianPackages,
  unpack,
  updatePins,
} from "./image/debianPackages.ts";
import { type Descriptor, type OciLayout, ociLayout, tarOf } from "./image/ociLayout.ts";
import { root } from "./project.ts";

const NAME = "aliyun-acr-credential-provider";
const { version, license } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
const { values: options } = parseArgs({
  options: {
    output: { type: "string", default: `${root}dist/image` },
    tag: { type: "string", default: version },
    source: { type: "string" },
    "update-packages": { type: "boolean", default: false },
  },
});

/** As Debian and Bun call an architecture, and as the loader's path does. */
const machines = {
  amd64: { target: "linux-x64", tuple: "x86_64-linux-gnu", loader: "lib64/ld-linux-x86-64.so.2" },
  arm64: { target: "linux-arm64", tuple: "aarch64-linux-gnu", loader: "lib/ld-linux-aarch64.so.1" },
} as const;

/** What the executable is linked with, and the two programs that a DaemonSet needs besides it. */
const filesOf = ({ tuple, loader }: (typeof machines)[Architecture]) => ({
  libc6: [
    loader,
    `lib/${tuple}/${loader.split("/").at(-1)}`,
    ...["libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2"].map((name) => `lib/${tuple}/${name}`),
    "usr/share/doc/libc6/copyright",
  ],
  coreutils: ["usr/sbin/chroot", "bin/sleep", "usr/share/doc/coreutils/copyright"],
});

if (options["update-packages"]) updatePins();
const packages = debianPackages();
const epoch = Number(process.env.SOURCE_DATE_EPOCH ?? git("log", "-1", "--format=%ct"));
const output = resolve(options.output);
const annotations = {
  "org.opencontainers.image.title": NAME,
  "org.opencontainers.image.version": version,
  "org.opencontainers.image.revision": revision(),
  "org.opencontainers.image.created": new Date(epoch * 1000).toISOString(),
  ...(options.source === undefined ? {} : { "org.opencontainers.image.source": options.source }),
  "org.opencontainers.image.licenses": `${license} AND LGPL-2.1-or-later AND GPL-3.0-or-later`,
};

const layout = ociLayout(output);
for (const architecture of architectures) {
  run(process.execPath, ["run", `${root}scripts/build.ts`, "--target", machines[architecture].target]);
}
const manifests = await Promise.all(architectures.map((architecture) => platformImage(layout, architecture)));
const index = layout.index(manifests, annotations, options.tag);
writeFileSync(`${output}.tar`, tarOf(output, epoch));
for (const { platform, digest } of manifests) console.log(`linux/${platform?.architecture} ${digest}`);
console.log(`${options.tag} ${index.digest}\n${output}, ${output}.tar`);

async function platformImage(layout: OciLayout, architecture: Architecture): Promise<Descriptor> {
  const { target } = machines[architecture];
  const staging = `${root}.cache/image/${architecture}`;
  rmSync(staging, { recursive: true, force: true });
  for (const each of packages) {
    const paths = filesOf(machines[architecture])[each.name as "libc6" | "coreutils"];
    unpack(each.fileFor(architecture), paths, `${staging}/system`);
  }
  mkdirSync(`${staging}/plugin/usr/bin`, { recursive: true });
  copyFileSync(`${root}dist/${NAME}-${target}`, `${staging}/plugin/usr/bin/${NAME}`);
  const origin = packages.map(({ name, version, sha256 }) => ({
    key: `org.debian.package.${name}`,
    value: `${version} ${architecture} sha256:${sha256[architecture]}`,
  }));
  const about = `files of Debian's ${packages.map(({ name, version }) => `${name} ${version}`).join(", ")}`;
  return layout.image({
    architecture,
    // What changes with each release comes last: an upgrade pulls only that.
    layers: [
      await layout.layer(`${staging}/system`, about, epoch),
      await layout.layer(`${staging}/plugin`, `${NAME} ${version}`, epoch),
    ],
    entrypoint: [`/usr/bin/${NAME}`],
    annotations: {
      ...annotations,
      ...Object.fromEntries(origin.map(({ key, value }) => [key, value])),
    },
    epoch,
  });
}

/** The commit, and whether that is all. */
function revision(): string {
  return git("rev-parse", "HEAD") + (git("status", "--porcelain") === "" ? "" : "-dirty");
}

function git(...args: string[]): string {
  return run("git", ["-C", root, ...args]).trim();
}

/** @throws Error with what it said. */
function run(program: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
  if (status === 0) return stdout;
  throw new Error(`${program} ${args.join(" ")}: ${stderr}`);
}
