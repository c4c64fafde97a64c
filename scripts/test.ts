/**
 * Builds the executable and runs the tests: `npm test [-- ARGUMENTS OF bun test]`. `npm run test:node` has the executable of
 * Node.js instead, and those tests alone that run it: the others test the same code under Bun.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { frontDoorTests } from "./frontDoorTests.ts";
import { closingLine, countsOf } from "./junitReport.ts";
import { root } from "./project.ts";

/** They need Go, and mostly root, containerd or packages of Debian; they have commands of their own. */
const APART = ["kubelet", "cluster", "officialClients", "chart", "packages", "release"];
const report = `${root}.cache/junit.xml`;

mkdirSync(`${root}.cache`, { recursive: true });
const [runtime, ...given] =
  process.argv[2] === "--node" ? ["node", ...process.argv.slice(3)] : ["bun", ...process.argv.slice(2)];
run(["run", "scripts/build.ts", "--runtime", runtime]);
const rooms = readdirSync(`${root}test`).filter((name) => !APART.includes(name));
const all = rooms.map((room) => `./test/${room}/`);
const status = run(
  [
    "test",
    ...(given.length > 0 ? given : runtime === "node" ? frontDoorTests(rooms) : [...all, "--coverage"]),
    // Most of a test's time is spent waiting for processes, of which one with Node.js takes six times the CPU.
    `--parallel=${(runtime === "node" ? 1 : 2) * availableParallelism()}`,
    "--timeout=60000",
    "--reporter=junit",
    `--reporter-outfile=${report}`,
  ],
  { mayFail: true },
);
console.log(closingLine(countsOf(report, status)));
process.exit(status);

function run(args: string[], { mayFail = false } = {}): number {
  const { status } = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ACR_TEST_RUNTIME: runtime },
  });
  if (status !== 0 && !mayFail) process.exit(status ?? 1);
  return status ?? 1;
}
