import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";

const PROCESSES = 8;
const ROUNDS = 100;
const STEP_MS = 15;
const FULL = `${"x".repeat(79)}\n`.repeat(52);

const directory = mkdtempSync(`${tmpdir()}/acr-log-`);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const linesOf = (file: string) => (existsSync(file) ? readFileSync(file, "utf8").split("\n").length - 1 : 0);

// Here and not at the front door: processes that start anew each time come too far apart to meet between two steps.
test("a lock that a killed process left, met by many processes at one moment, costs no line", async () => {
  const file = `${directory}/log`;
  const aMinuteAgo = Date.now() / 1000 - 60;
  for (let round = 0; round < ROUNDS; round++) {
    writeFileSync(`${file}.${round}`, FULL);
    writeFileSync(`${file}.${round}.lock`, "");
    utimesSync(`${file}.${round}.lock`, aMinuteAgo, aMinuteAgo);
  }
  const args = [`${import.meta.dir}/appendInRounds.ts`, file, ROUNDS, Date.now() + 1500, STEP_MS].map(String);
  const processes = Array.from({ length: PROCESSES }, () => Bun.spawn([process.execPath, ...args]));
  for (const { exited } of processes) expect(await exited).toBe(0);
  const lines = Array.from({ length: ROUNDS }, (_, round) => {
    return linesOf(`${file}.${round}`) + linesOf(`${file}.${round}.1`);
  });
  expect(lines).toEqual(Array(ROUNDS).fill(52 + PROCESSES));
}, 30_000);
