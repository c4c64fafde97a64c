import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tryLock } from "../../src/cache/lock.ts";
import { currentProcess, stateOf } from "../../src/cache/processes.ts";
import { type Cloud, startCloud } from "../cloud/cloud.ts";
import { executable } from "../support/executable.ts";
import { type TestNode, testNode } from "../support/node.ts";
import { kubeletRequest } from "../support/request.ts";
import { acceptedPassword, accessKey, corpEntry, IMAGE, leftovers } from "./nodes.ts";

let cloud: Cloud;
let node: TestNode;
let lockPath: string;

beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.stop());
beforeEach(async () => {
  node = testNode(cloud, { registries: [corpEntry], identity: accessKey });
  await node.pull(IMAGE);
  const [token] = readdirSync(node.cacheDirectory).filter((name) => name.startsWith("token-"));
  rmSync(node.cacheDirectory, { recursive: true });
  mkdirSync(node.cacheDirectory, { mode: 0o700 });
  lockPath = `${node.cacheDirectory}/${token}.lock`;
  cloud.reset();
});
afterEach(() => node.remove());

const dead = Bun.spawnSync(["true"]).pid;
const inAnHour = () => Date.now() + 3_600_000;
const holder = (changes: object) =>
  JSON.stringify({ ...currentProcess(), since: Date.now(), endsAt: inAnHour(), ...changes });

describe("a lock that nobody holds is taken at once, and not left behind", () => {
  const locks: [string, () => void][] = [
    ["of a process that is dead", () => plant(holder({ pid: dead }))],
    ["of a process whose pid another one has now", () => plant(holder({ startTime: "1" }))],
    ["of a live process that is past its own time", () => plant(holder({ endsAt: Date.now() - 1 }))],
    ["of another container, half a minute old", () => plant(holder(elsewhere(30_000)))],
    ["of another container, from the future", () => plant(holder(elsewhere(-3_600_000)))],
    ["that is empty", () => plant("")],
    ["that holds nonsense", () => plant("\u0000nonsense")],
    ["that holds null", () => plant("null")],
    ["that holds other types", () => plant(holder({ pid: "1", endsAt: "never" }))],
    ["of 64 MiB", () => plant("x".repeat(64 * 1024 * 1024))],
    ["that is a symbolic link to nowhere", () => symlinkSync("/nowhere", lockPath)],
    ["that is a symbolic link to a lock of this process", () => linkedLock()],
    ["that is a pipe", () => Bun.spawnSync(["mkfifo", "-m", "600", lockPath])],
    [
      "of a dead process, and of one that died taking it over",
      () => {
        plant(holder({ pid: dead }));
        writeFileSync(`${lockPath}.takeover.tmp`, "", { mode: 0o600 });
        const past = Date.now() / 1000 - 10;
        utimesSync(`${lockPath}.takeover.tmp`, past, past);
      },
    ],
    [
      "of a dead process, and of one that died taking it over before the clock was set back",
      () => {
        plant(holder({ pid: dead }));
        writeFileSync(`${lockPath}.takeover.tmp`, "", { mode: 0o600 });
        const future = Date.now() / 1000 + 3600;
        utimesSync(`${lockPath}.takeover.tmp`, future, future);
      },
    ],
  ];
  test.each(locks)("%s", async (_name, make) => {
    make();
    const result = await node.pull(IMAGE);
    acceptedPassword(cloud, result);
    expect(result.ms).toBeLessThan(5000);
    expect(node.log().at(-1)).toMatchObject({ level: "info", cache: "miss" });
    expect(cloud.calls("GetAuthorizationToken")).toHaveLength(1);
    expect(leftovers(node.cacheDirectory)).toEqual([]);
  });

  test("that is a directory: the token is asked for without a lock, and the log says so", async () => {
    mkdirSync(lockPath);
    acceptedPassword(cloud, await node.pull(IMAGE));
    expect(node.log().at(-1)).toMatchObject({ level: "warn", cache: "miss" });
  });

  test("what a killed process left of other tokens goes when a token is next kept", async () => {
    const names = [
      "token-emVybw.json.lock",
      `token-emVybw.json.1.${UUID}.tmp`,
      `token-emVybw.json.lock.1.${UUID}.tmp`,
    ];
    const old = Date.now() / 1000 - 180;
    for (const name of names) {
      writeFileSync(`${node.cacheDirectory}/${name}`, "", { mode: 0o600 });
      utimesSync(`${node.cacheDirectory}/${name}`, old, old);
    }
    await node.pull(IMAGE);
    expect(leftovers(node.cacheDirectory)).toEqual([]);
  });
});

const UUID = "00000000-0000-4000-8000-000000000000";

describe("a lock that somebody holds is waited for", () => {
  const timeouts = { total: "2s", request: "1s" };

  test("until the own time is over, and the failure names the process", async () => {
    node.configure({ registries: [corpEntry], identity: accessKey, timeouts });
    const lock = tryLock({ path: lockPath, now: Date.now, endsAt: inAnHour() });
    const result = await node.pull(IMAGE);
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(
      new RegExp(`waited 1\\.\\d s for process ${process.pid}, which asks for the same token`),
    );
    expect(cloud.requests).toEqual([]);
    if ("release" in lock) lock.release();
    acceptedPassword(cloud, await node.pull(IMAGE));
  });

  test("until it is given back", async () => {
    const lock = tryLock({ path: lockPath, now: Date.now, endsAt: inAnHour() });
    const pull = node.pull(IMAGE);
    await Bun.sleep(500);
    expect(cloud.requests).toEqual([]);
    if ("release" in lock) lock.release();
    acceptedPassword(cloud, await pull);
  });

  test("for some seconds when the holder is in another container and cannot be seen", async () => {
    plant(holder(elsewhere(0)));
    const pull = node.pull(IMAGE);
    await Bun.sleep(1000);
    expect(cloud.requests).toEqual([]);
    const result = await pull;
    acceptedPassword(cloud, result);
    expect(result.ms).toBeLessThan(15_000);
    expect(cloud.calls("GetAuthorizationToken")).toHaveLength(1);
  }, 30_000);

  const canUnshare =
    Bun.spawnSync(["unshare", "--pid", "--fork", "--mount-proc", "true"], { stderr: "ignore" }).exitCode ===
    0;
  test.skipIf(!canUnshare)(
    "by 10 processes here and 10 in a pid namespace of their own: one call (needs root)",
    async () => {
      cloud.faults.set({ operation: "GetAuthorizationToken", kind: "delay", ms: 500 });
      const here = Array.from({ length: 10 }, () => node.pull(IMAGE));
      const there = Array.from({ length: 10 }, () => pullInNamespace());
      for (const result of await Promise.all(here)) acceptedPassword(cloud, result);
      for (const status of await Promise.all(there)) expect(status).toBe(0);
      expect(cloud.calls("GetAuthorizationToken")).toHaveLength(1);
      expect(leftovers(node.cacheDirectory)).toEqual([]);
    },
    30_000,
  );
});

test("a process knows itself, and not one of another namespace", () => {
  const self = currentProcess();
  expect(stateOf(self)).toBe("running");
  expect(stateOf({ ...self, startTime: "0" })).toBe("gone");
  expect(stateOf({ ...self, namespace: "pid:[1]" })).toBe("unseen");
  expect(stateOf({ ...self, namespace: "" })).toBe("unseen");
});

function plant(content: string): void {
  writeFileSync(lockPath, content, { mode: 0o600 });
}

function elsewhere(ageMs: number): object {
  return { namespace: "pid:[1]", since: Date.now() - ageMs };
}

function linkedLock(): void {
  const target = `${node.directory}/elsewhere`;
  writeFileSync(target, holder({}), { mode: 0o600 });
  symlinkSync(target, lockPath);
  expect(existsSync(target)).toBe(true);
}

async function pullInNamespace(): Promise<number> {
  const command = ["unshare", "--pid", "--fork", "--mount-proc", executable, "--config", node.configFile];
  const child = Bun.spawn(command, { stdin: Buffer.from(kubeletRequest(IMAGE)), stdout: "ignore", env: {} });
  return child.exited;
}
