/**
 * `npm run check:workflows`: actionlint and zizmor over .github, each at the version whose hash is in scripts/workflows. A tool
 * that cannot be had on this machine is skipped and named. Nothing is asked of GitHub.
 */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { root } from "./project.ts";

const pins = `${root}scripts/workflows`;
const zizmor = `${root}.cache/zizmor`;
const workflows = readdirSync(`${root}.github/workflows`).map((name) => `${root}.github/workflows/${name}`);

if (Bun.which("go") === null) skip("actionlint", "Go is missing");
else check("actionlint", ["go", "tool", "-C", pins, "actionlint", "-color", ...workflows]);

if (process.arch !== "x64" || process.platform !== "linux")
  skip("zizmor", "its pinned wheel is for Linux on x86_64");
else if (Bun.which("python3") === null) skip("zizmor", "Python is missing");
else {
  const install =
    "-m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --upgrade --target";
  check("pip", ["python3", ...install.split(" "), zizmor, "-r", `${pins}/requirements.txt`]);
  check("zizmor", [
    `${zizmor}/bin/zizmor`,
    "--offline",
    "--no-progress",
    "--persona=pedantic",
    `${root}.github`,
  ]);
}

function check(what: string, [program = "", ...args]: readonly string[]): void {
  const env = { ...process.env, GOTOOLCHAIN: "local", GOFLAGS: "-mod=readonly" };
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: "inherit", env });
  if (status === 0) {
    console.log(`${what}: fine`);
    return;
  }
  console.error(`${what}: failed (above)${error === undefined ? "" : `: ${error.message}`}`);
  process.exit(1);
}

function skip(what: string, reason: string): void {
  console.log(`skipped: ${what}: ${reason}`);
}
