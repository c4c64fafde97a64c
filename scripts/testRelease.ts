/** `npm run test:release`: builds what is released, and tests that it is reproducible, runs on old hosts and is what it says. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { root } from "./project.ts";
import { builds } from "./release/targets.ts";

/** Command to Debian package. Tests whose command stays missing skip themselves and name it. */
const tools = {
  readelf: "binutils",
  minisign: "minisign",
  unshare: "util-linux",
  "qemu-x86_64-static": "qemu-user-static",
  "qemu-aarch64-static": "qemu-user-static",
  "aarch64-libc": "libc6-arm64-cross",
  "aarch64-libstdc++": "libstdc++6-arm64-cross",
  mmdebstrap: "mmdebstrap",
};

/** What is not a command, by a file of it. */
const libraries: Readonly<Record<string, string>> = {
  "aarch64-libc": "/usr/aarch64-linux-gnu/lib/libc.so.6",
  "aarch64-libstdc++": "/usr/aarch64-linux-gnu/lib/libstdc++.so.6",
};

const report = `${root}.cache/release/junit.xml`;
mkdirSync(`${root}.cache/release`, { recursive: true });
installMissing();
bun(["run", "scripts/build.ts"]);
bun(["run", "scripts/build.ts", "--runtime", "node"]);
for (const { target, runtime } of builds) {
  bun(["run", "scripts/build.ts", "--runtime", runtime, "--target", target]);
}
// Each builds in folders of its own.
const options = ["--parallel=3", "--timeout=300000", "--reporter=junit", `--reporter-outfile=${report}`];
const chosen = process.argv.slice(2);
process.exitCode = bun(["test", ...(chosen.length > 0 ? chosen : ["./test/release/"]), ...options], true);
console.log(closingLine());

function bun(args: readonly string[], mayFail = false): number {
  const env = { ...process.env, ACR_TEST_RELEASE: "1" };
  const { status } = spawnSync(process.execPath, [...args], { cwd: root, stdio: "inherit", env });
  if (status !== 0 && !mayFail) process.exit(status ?? 1);
  return status ?? 1;
}

function installMissing(): void {
  const missing = Object.entries(tools).filter(([name]) => {
    const library = libraries[name];
    return library === undefined ? Bun.which(name) === null : !existsSync(library);
  });
  if (missing.length === 0 || process.getuid?.() !== 0 || Bun.which("apt-get") === null) return;
  const packages = [...new Set(missing.map(([, name]) => name))];
  console.log(`installing ${packages.join(" ")} with apt-get`);
  const apt = (...args: string[]) =>
    spawnSync("apt-get", ["-qq", "-y", ...args], { stdio: ["ignore", "ignore", "inherit"] }).status === 0;
  const install = () => apt("install", "--no-install-recommends", ...packages);
  if (!install() && apt("update")) install();
}

function closingLine(): string {
  const totals = /<testsuites[^>]*>/.exec(readFileSync(report, "utf8"))?.[0] ?? "";
  const total = (name: string) => Number(new RegExp(` ${name}="(\\d+)"`).exec(totals)?.[1] ?? 0);
  const [failed, skipped] = [total("failures"), total("skipped")];
  return `${total("tests") - failed - skipped} passed, ${failed} failed, ${skipped} skipped`;
}
