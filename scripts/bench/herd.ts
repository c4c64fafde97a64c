import { rmSync } from "node:fs";
import type { Cloud } from "../../test/cloud/cloud.ts";
import { kubeletEnvironment } from "../../test/support/kubeletEnvironment.ts";
import { testNode } from "../../test/support/node.ts";
import { root } from "../project.ts";
import { herdMemory } from "./herdMemory.ts";

const SIZE = 200;

/** 200 processes at once for one token: with an empty cache, and as the yardstick with a full one. */
export async function herd(
  cloud: Cloud,
  registries: unknown,
  identity: unknown,
  stdin: string,
  row: (name: string, value: string, note: string) => void,
): Promise<void> {
  const node = testNode(cloud, { registries, identity });
  const command = [`${root}dist/aliyun-acr-credential-provider`, "--config", node.configFile];
  console.log(`\nHerd: ${SIZE} processes at once`);
  const oneCall = await slowest(command, stdin, 1);
  const full = await slowest(command, stdin, SIZE);
  rmSync(node.cacheDirectory, { recursive: true });
  cloud.reset();
  const emptyCache = await slowest(command, stdin, SIZE);
  const ratio = emptyCache / (full + oneCall);
  row("full cache, slowest answer", `${full.toFixed(0)} ms`, "1.00x");
  row(
    "empty cache, slowest answer",
    `${emptyCache.toFixed(0)} ms`,
    `${ratio.toFixed(2)}x of that plus one call (promised: 2x)`,
  );
  row(
    "token calls with an empty cache",
    String(cloud.calls("GetAuthorizationToken").length),
    "(promised: 1)",
  );
  rmSync(node.cacheDirectory, { recursive: true });
  cloud.faults.set({ operation: "GetAuthorizationToken", kind: "hang" });
  const { togetherMiB, sumOfPeaksMiB } = await herdMemory(command, stdin, SIZE);
  cloud.reset();
  row(
    "memory while all wait for a call",
    `${togetherMiB.toFixed(0)} MiB`,
    `what they share counted once; ${(togetherMiB / SIZE).toFixed(1)} MiB a process`,
  );
  row("sum of their peaks", `${sumOfPeaksMiB.toFixed(0)} MiB`, "what they share counted each time");
  node.remove();
}

async function slowest(command: string[], stdin: string, count: number): Promise<number> {
  const startedAt = performance.now();
  const statuses = await Promise.all(
    Array.from({ length: count }, () => {
      const child = Bun.spawn(command, {
        stdin: Buffer.from(stdin),
        stdout: "ignore",
        stderr: "inherit",
        env: { ...kubeletEnvironment },
        cwd: "/",
      });
      return child.exited;
    }),
  );
  if (statuses.some((status) => status !== 0)) throw new Error(`a process of the herd failed: ${statuses}`);
  return performance.now() - startedAt;
}
