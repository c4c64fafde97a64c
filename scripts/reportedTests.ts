import { mkdirSync, rmSync } from "node:fs";
import { enclose } from "../test/kubelet/node/enclosure.ts";
import { type Counts, closingLine, countsOf } from "./junitReport.ts";
import { root } from "./project.ts";
import type { RuntimeName } from "./release/targets.ts";

/** A command that runs tests, and the file that it writes bun's report to. */
interface ReportedTests {
  readonly command: string[];
  readonly report: string;
}

const reports = `${root}.cache/kubelet/reports`;

/** The environment of the tests that need what only their own command builds; without it they skip themselves. */
const enabled = (runtime: RuntimeName = "bun") => ({
  ...process.env,
  ACR_TEST_KUBELET: "1",
  ACR_TEST_RUNTIME: runtime,
});

/** `bun test` for these files; a test or hook may take three minutes. */
function reportedTests(name: string, files: string[]): ReportedTests {
  mkdirSync(reports, { recursive: true });
  const report = `${reports}/${name}.xml`;
  rmSync(report, { force: true });
  const options = ["--timeout=180000", "--reporter=junit", `--reporter-outfile=${report}`];
  return { command: [process.execPath, "test", ...options, ...files], report };
}

/** Runs the tests of these files, on the executable of a runtime. */
export async function runTests(name: string, files: string[], runtime?: RuntimeName): Promise<Counts> {
  const { command, report } = reportedTests(name, files);
  const child = Bun.spawn(command, { env: enabled(runtime), stdio: ["ignore", "inherit", "inherit"] });
  return countsOf(report, await child.exited);
}

/** Runs them in namespaces of their own: they take all of ACR's addresses. */
export async function runEnclosed(name: string, ...files: string[]): Promise<Counts> {
  const { command, report } = reportedTests(name, files);
  return countsOf(report, await enclose(command, { env: enabled() }).ended());
}

/** Says what is left out, and why. */
export function skipped(what: string, reason: string): Counts {
  console.log(`\nskipped: ${what}: ${reason}`);
  return { passed: 0, failed: 0, skipped: 1 };
}

/** Both as one. */
export function added(one: Counts, other: Counts): Counts {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
  };
}

/** Prints the sum of all runs, and makes the process fail if a test did. */
export function conclude(counts: readonly Counts[]): void {
  const sum = counts.reduce(added, { passed: 0, failed: 0, skipped: 0 });
  console.log(`\n${closingLine(sum)}`);
  process.exitCode = sum.failed > 0 ? 1 : 0;
}
