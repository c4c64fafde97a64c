import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { name } from "../about.ts";
import { nodeNoticesText } from "../notices/notices.ts";
import { root } from "../project.ts";
import { runtimeOf } from "../release/runtime.ts";
import { isTarget, type Target } from "../release/targets.ts";
import { nodeBundle } from "./nodeBundle.ts";

/** https://nodejs.org/docs/latest-v24.x/api/single-executable-applications.html */
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

/**
 * Builds the executable at `outfile` of the Node.js in package-lock.json: one script by esbuild, made a "single executable
 * application" by Node.js itself, and put into it by postject, which Node.js' documentation names for that.
 * @throws Error on a machine that is not a target, and for linux-x64 on any other: only its own kind writes its code cache.
 */
export async function buildNodeExecutable(target: Target, outfile: string): Promise<void> {
  const own = `linux-${process.arch}`;
  if (process.platform !== "linux" || !isTarget(own) || (target === "linux-x64" && own !== target)) {
    throw new Error(
      `build for Node.js on ${target}: this takes linux-x64, and is ${process.platform} ${own}`,
    );
  }
  const folder = `${root}dist/.build-node-${target}`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/main.cjs`, (await nodeBundle(await nodeNoticesText(target))).code);
  const application = {
    // In the executable it stands as it stands here: relative, it is the same in every folder.
    main: "main.cjs",
    output: "application.blob",
    disableExperimentalSEAWarning: true,
    useSnapshot: false,
    // Saves a third of the time to start. One of another architecture would not be taken.
    useCodeCache: target === "linux-x64",
    // NODE_OPTIONS has no say; and of NODE_TLS_REJECT_UNAUTHORIZED, which has none either, Node.js would warn in two lines.
    execArgvExtension: "none",
    execArgv: ["--no-warnings"],
  };
  writeFileSync(`${folder}/application.json`, JSON.stringify(application));
  const node = runtimeOf(own, "node").path;
  // The code cache has hashes of strings, whose seed would be another each time.
  run(node, ["--random-seed=1", "--experimental-sea-config", "application.json"], folder);
  copyFileSync(runtimeOf(target, "node").path, `${folder}/${name}`);
  chmodSync(`${folder}/${name}`, 0o755);
  const postject = `${root}node_modules/postject/dist/cli.js`;
  const into = [name, "NODE_SEA_BLOB", "application.blob"];
  run(node, [postject, ...into, "--sentinel-fuse", FUSE], folder);
  renameSync(`${folder}/${name}`, outfile);
  rmSync(folder, { recursive: true });
}

/** @throws Error with what it said. */
function run(program: string, args: readonly string[], cwd: string): void {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: "utf8", env: {} });
  if (status === 0) return;
  throw new Error(`${program} ${args.join(" ")}: ${error?.message ?? `${stdout}${stderr}`.trim()}`);
}
