import { expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { useSimulatedNode } from "../support/simulatedNode.ts";
import { acceptedPassword, accessKey, corpEntry, IMAGE } from "./nodes.ts";

const at = useSimulatedNode({ identity: accessKey, registries: [corpEntry] });

const linesOf = (file: string) => readFileSync(file, "utf8").split("\n").length - 1;

test("processes that find the log full at once rotate it once, and no line is lost", async () => {
  const log = { file: at.node.logFile, maxSize: "100KiB" };
  at.node.configure({ identity: accessKey, registries: [corpEntry], log });
  acceptedPassword(at.cloud, await at.node.pull(IMAGE));
  for (let round = 0; round < 3; round++) {
    const line = `${JSON.stringify({ padding: "x".repeat(400) })}\n`;
    writeFileSync(at.node.logFile, line.repeat(260), { mode: 0o600 });
    const results = await Promise.all(Array.from({ length: 24 }, () => at.node.pull(IMAGE)));
    for (const result of results) acceptedPassword(at.cloud, result);
    expect(linesOf(at.node.logFile) + linesOf(`${at.node.logFile}.1`)).toBe(260 + 24);
    expect(linesOf(`${at.node.logFile}.1`)).toBeGreaterThanOrEqual(260);
    expect(existsSync(`${at.node.logFile}.lock`)).toBe(false);
  }
});
