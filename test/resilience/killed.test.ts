import { expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { readdirSync, readFileSync, rmSync, utimesSync } from "node:fs";
import { Random } from "../../simulation/random.ts";
import { decodeEntry } from "../../src/cache/fileCache.ts";
import { roleAssume } from "../cloud/defaultWorld.ts";
import { executable } from "../support/executable.ts";
import type { TestNode } from "../support/node.ts";
import { kubeletRequest } from "../support/request.ts";
import { useSimulatedNode } from "../support/simulatedNode.ts";
import { nearlyExpire } from "./aging.ts";
import { acceptedPassword, accessKey, callCounts, IMAGE, leftovers } from "./nodes.ts";

/** Per state of the cache. */
const KILLS = 200;
const VICTIMS_AT_ONCE = 4;

// Discovery and a role, so that lookups and sessions are written as well as tokens.
const at = useSimulatedNode({ identity: { ...accessKey, assumeRoles: [{ roleArn: roleAssume }] } });

type Prepare = (node: TestNode) => Promise<void> | void;
const states: [string, Prepare, writes: boolean][] = [
  [
    "with an empty cache",
    ({ cacheDirectory }) => rmSync(cacheDirectory, { recursive: true, force: true }),
    true,
  ],
  ["with a full cache", () => {}, false],
  ["while everything is renewed", ({ cacheDirectory }) => nearlyExpire(cacheDirectory), true],
];

test.each(states)(
  `${KILLS} processes killed at random moments %s harm nobody`,
  async (_name, prepare, writes) => {
    const seed = Number(process.env.SEED ?? Date.now());
    console.log(`  SEED=${seed} repeats the moments`);
    const random = new Random(seed);
    acceptedPassword(at.cloud, await at.node.pull(IMAGE));
    // Time in which the one that asks can be killed.
    at.cloud.faults.set({ operation: "*", kind: "delay", ms: 20 });
    let killed = 0;
    let interrupted = 0;
    for (let lifeMs = 100; killed < KILLS; ) {
      await prepare(at.node);
      at.cloud.requests.length = 0;
      const victims = Array.from({ length: VICTIMS_AT_ONCE }, () => victim(random.between(0, 1.2 * lifeMs)));
      const survivor = await at.node.pull(IMAGE);
      acceptedPassword(at.cloud, survivor);
      lifeMs = 0.8 * lifeMs + 0.2 * survivor.ms;
      for (const { wasKilled, stdout } of await Promise.all(victims)) {
        if (wasKilled) killed++;
        if (stdout !== "") acceptedPassword(at.cloud, { status: 0, stdout, stderr: "", ms: 0 });
      }
      await expectWholeEntries();
      if (Math.max(0, ...Object.values(callCounts(at.cloud))) > 1) interrupted++;
    }
    // Something had to be asked for twice: some of them were killed while they held a lock.
    expect(interrupted > 0).toBe(writes);
    await expectNothingRemains();
    expect(at.node.log().filter(({ warnings }) => warnings !== undefined)).toEqual([]);
    expect(at.cloud.violations).toEqual([]);
  },
  180_000,
);

/** A process that is killed after so long, unless it has ended by then. */
function victim(afterMs: number): Promise<{ wasKilled: boolean; stdout: string }> {
  const child = spawn(executable, ["--config", at.node.configFile], { cwd: "/", env: {} });
  let stdout = "";
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stdin.on("error", () => {});
  child.stdin.end(kubeletRequest(IMAGE));
  const timer = setTimeout(() => child.kill("SIGKILL"), afterMs);
  return new Promise((resolve) =>
    child.on("close", (_status, signal) => {
      clearTimeout(timer);
      resolve({ wasKilled: signal === "SIGKILL", stdout });
    }),
  );
}

async function expectWholeEntries(): Promise<void> {
  for (const name of readdirSync(at.node.cacheDirectory).filter((file) => file.endsWith(".json"))) {
    const entry = decodeEntry(readFileSync(`${at.node.cacheDirectory}/${name}`, "utf8"));
    expect({ name, isWhole: entry !== undefined }).toEqual({ name, isWhole: true });
  }
}

/** What the dead left behind goes with the first token that is kept some minutes later. */
async function expectNothingRemains(): Promise<void> {
  const old = Date.now() / 1000 - 180;
  for (const name of leftovers(at.node.cacheDirectory))
    utimesSync(`${at.node.cacheDirectory}/${name}`, old, old);
  await nearlyExpire(at.node.cacheDirectory);
  acceptedPassword(at.cloud, await at.node.pull(IMAGE));
  expect(leftovers(at.node.cacheDirectory)).toEqual([]);
}
