/** `npm run test:release`: builds what is released, and tests that it is reproducible, runs on old hosts and is what it says. */
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { installMissing } from "../test/kubelet/setup/machine.ts";
import { closingLine, countsOf } from "./junitReport.ts";
import { root } from "./project.ts";
import { builds } from "./release/targets.ts";

/** Command, or path of a library, to Debian package. Tests that lack one skip themselves and name it. */
const tools = {
  readelf: "binutils",
  minisign: "minisign",
  unshare: "util-linux",
  "qemu-x86_64-static": "qemu-user-static",
  "qemu-aarch64-static": "qemu-user-static",
  "/usr/aarch64-linux-gnu/lib/libc.so.6": "libc6-arm64-cross",
  "/usr/aarch64-linux-gnu/lib/libstdc++.so.6": "libstdc++6-arm64-cross",
  mmdebstrap: "mmdebstrap",
};

const report = `${root}.cache/release/junit.xml`;
mkdirSync(`${root}.cache/release`, { recursive: true });
if (process.getuid?.() === 0) installMissing(tools);
bun(["run", "scripts/build.ts"]);
bun(["run", "scripts/build.ts", "--runtime", "node"]);
for (const { target, runtime } of builds) {
  bun(["run", "scripts/build.ts", "--runtime", runtime, "--target", target]);
}
// Each builds in folders of its own.
const options = ["--parallel=3", "--timeout=300000", "--reporter=junit", `--reporter-outfile=${report}`];
const chosen = process.argv.slice(2);
const status = bun(["test", ...(chosen.length > 0 ? chosen : ["./test/release/"]), ...options], true);
console.log(closingLine(countsOf(report, status)));
process.exitCode = status;

function bun(args: readonly string[], mayFail = false): number {
  const env = { ...process.env, ACR_TEST_RELEASE: "1" };
  const { status } = spawnSync(process.execPath, [...args], { cwd: root, stdio: "inherit", env });
  if (status !== 0 && !mayFail) process.exit(status ?? 1);
  return status ?? 1;
}
