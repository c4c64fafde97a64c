import { faultMatrix } from "./faultMatrix.ts";
import { type FaultName, faults } from "./faults.ts";
import { scenarios, type UpstreamOperation } from "./scenarios.ts";

const operations = Object.keys(scenarios) as UpstreamOperation[];

/** The fault matrix in Markdown, a row a fault. `bun test/resilience/faultTable.ts` prints it for the docs. */
export function faultTable(): string {
  return [operations.slice(0, 6), operations.slice(6)].map(tableOf).join("\n\n");
}

function tableOf(columns: readonly UpstreamOperation[]): string {
  const head = ["fault", ...columns.map((operation) => `\`${operation}\``)];
  const rows = (Object.keys(faults) as FaultName[]).map((fault) => [
    fault,
    ...columns.map((operation) => faultMatrix[operation][fault]),
  ]);
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

if (import.meta.main) console.log(faultTable());
