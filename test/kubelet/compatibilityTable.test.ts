import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { root } from "../../scripts/project.ts";

const document = readFileSync(`${root}docs/kubelet-proofs.md`, "utf8");

/** What a row claims: a test file, and parts of the names of tests in it. */
interface Proof {
  readonly row: string;
  readonly file: string;
  readonly parts: readonly string[];
}

/** Reads the tables whose last column is headed `proof`, with or without a file for all rows. */
function proofs(): Proof[] {
  const found: Proof[] = [];
  let allRows: string | undefined;
  for (const line of document.split("\n")) {
    const cells = line.split(/(?<!\\)\|/).slice(1, -1);
    const [row = "", last = ""] = [cells[0]?.trim(), cells.at(-1)?.trim()];
    if (cells.length === 0) allRows = undefined;
    else if (last.startsWith("proof")) allRows = fileIn(last) ?? "";
    else if (allRows !== undefined && !last.startsWith("---") && last !== "read in source") {
      found.push(...last.split(/;(?= `)/).map((claim) => proof(row, claim, allRows as string)));
    }
  }
  return found;
}

function proof(row: string, claim: string, allRows: string): Proof {
  const names = claim.replace(/`[a-z]+\/\w+`:?/, "").replaceAll("\\*", "*");
  return { row, file: fileIn(claim) ?? allRows, parts: names.split(/…|, |; /).map((part) => part.trim()) };
}

const fileIn = (text: string) => /`([a-z]+\/\w+)`/.exec(text)?.[1];

/** `cluster/outages` is a file of the cluster's cases, all others are here. */
function pathOf(file: string): string {
  const [folder, name] = file.split("/");
  return `${root}test/${folder === "cluster" ? `cluster/cases/${name}` : `kubelet/${file}`}.test.ts`;
}

describe("docs/kubelet-proofs.md", () => {
  test.each(proofs().map((claim) => [claim.row, claim] as const))("%s", (_, { file, parts }) => {
    const tests = readFileSync(pathOf(file), "utf8");
    for (const part of parts) expect(tests).toContain(part);
  });
});
