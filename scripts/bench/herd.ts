import { rmSync } from "node:fs";
import { kubeletEnvironment } from "../../test/support/kubeletEnvironment.ts";
import { testNode } from "../../test/support/node.ts";
import { root } from "../project.ts";
import type { CloudProcess } from "./cloudProcess.ts";
import { herdMemory } from "./herdMemory.ts";
import { type Measured, together } from "./time.ts";

const SIZE = 200;

/** 200 processes at once for one token: with an empty cache, and as the yardstick with a full one. */
export async function herd(
  cloud: CloudProcess,
  registries: unknown,
  identity: unknown,
  stdin: string,
  row: (name: string, value: string, note: string) => void,
): Promise<void> {
  const node = testNode(cloud, { registries, identity });
  const command = [`${root}dist/aliyun-acr-credential-provider`, "--config", node.configFile];
  console.log(`\nHerd: ${SIZE} processes at once`);
  const herdOf = (count: number) =>
    Array.from({ length: count }, (): Measured => ({ argv: command, stdin, env: kubeletEnvironment }));
  const oneCall = (await together(herdOf(1))).wallMs;
  const full = (await together(herdOf(SIZE))).wallMs;
  rmSync(node.cacheDirectory, { recursive: true });
  await cloud.reset();
  const emptyCache = (await together(herdOf(SIZE))).wallMs;
  const ratio = emptyCache / (full + oneCall);
  row("full cache, slowest answer", `${full.toFixed(0)} ms`, "1.00x");
  row(
    "empty cache, slowest answer",
    `${emptyCache.toFixed(0)} ms`,
    `${ratio.toFixed(2)}x of that plus one call (promised: 2x)`,
  );
  row("token calls with an empty cache", String(await cloud.calls("GetAuthorizationToken")), "(promised: 1)");
  rmSync(node.cacheDirectory, { recursive: true });
  await cloud.setFault({ operation: "GetAuthorizationToken", kind: "hang" });
  const { togetherMiB, sumOfPeaksMiB } = await herdMemory(command, stdin, SIZE);
  await cloud.reset();
  row(
    "memory while all wait for a call",
    `${togetherMiB.toFixed(0)} MiB`,
    `what they share counted once; ${(togetherMiB / SIZE).toFixed(1)} MiB a process`,
  );
  row("sum of their peaks", `${sumOfPeaksMiB.toFixed(0)} MiB`, "what they share counted each time");
  node.remove();
}
