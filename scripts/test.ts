/** Builds the executable and runs the tests: `npm test [-- ARGUMENTS OF bun test]`. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { root } from "./project.ts";

/** They need Go, and mostly root, containerd or packages of Debian; they have commands of their own. */
const APART = ["kubelet", "cluster", "officialClients", "chart", "packages", "release"];
const report = `${root}.cache/junit.xml`;

mkdirSync(`${root}.cache`, { recursive: true });
run(["run", "scripts/build.ts"]);
const chosen = process.argv.slice(2);
const rooms = readdirSync(`${root}test`).filter((name) => !APART.includes(name));
const status = run(
  [
    "test",
    ...(chosen.length > 0 ? chosen : [...rooms.map((room) => `./test/${room}/`), "--coverage"]),
    // Most of a test's time is spent waiting for processes.
    `--parallel=${2 * availableParallelism()}`,
    "--timeout=60000",
    "--reporter=junit",
    `--reporter-outfile=${report}`,
  ],
  { mayFail: true },
);
console.log(closingLine());
process.exit(status);

function run(args: string[], { mayFail = false } = {}): number {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" });
  if (status !== 0 && !mayFail) process.exit(status ?? 1);
  return status ?? 1;
}

/** "N passed, N failed, N skipped", which the console report of the runner does not say. */
function closingLine(): string {
  const totals = /<testsuites[^>]*>/.exec(readFileSync(report, "utf8"))?.[0] ?? "";
  const total = (name: string) => Number(new RegExp(` ${name}="(\\d+)"`).exec(totals)?.[1] ?? 0);
  const failed = total("failures");
  const skipped = total("skipped");
  return `${total("tests") - failed - skipped} passed, ${failed} failed, ${skipped} skipped`;
}
