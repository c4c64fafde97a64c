import { existsSync, readFileSync } from "node:fs";

/** How many tests ended in which way. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Reads the report of `bun test --reporter=junit`; a run that failed without a failed test counts as one failure. */
export function countsOf(report: string, status: number): Counts {
  const [, attributes = ""] = existsSync(report)
    ? (/<testsuites ([^>]*)>/.exec(readFileSync(report, "utf8")) ?? [])
    : [];
  const attribute = (name: string) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(attributes)?.[1] ?? 0);
  const [tests, skipped] = [attribute("tests"), attribute("skipped")];
  const failed = Math.max(attribute("failures"), status === 0 ? 0 : 1);
  return { passed: Math.max(0, tests - failed - skipped), failed, skipped };
}

/** "N passed, N failed, N skipped", which the console report of the runner does not say. */
export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
