import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { entryPath, fileCache } from "../../src/cache/fileCache.ts";

const HOUR_MS = 3_600_000;
const isText = (value: unknown): value is string => typeof value === "string";

let directory: string;
let now: number;
let warnings: string[];

beforeEach(() => {
  directory = mkdtempSync(`${tmpdir()}/acr-cache-`);
  now = Date.now();
  warnings = [];
});
afterEach(() => rmSync(directory, { recursive: true }));

function cache() {
  return fileCache({ directory, now: () => now, warn: (message) => warnings.push(message) });
}

async function read(key: string): Promise<string | undefined> {
  return (await cache().get("token", key, isText))?.value;
}

describe("an entry is returned only for what it was stored for", () => {
  test("its own kind and key", async () => {
    await cache().put("token", "mine", "value", now + HOUR_MS);
    expect(await read("mine")).toBe("value");
    expect(await read("other")).toBeUndefined();
    expect(await cache().get("session", "mine", isText)).toBeUndefined();
    expect(warnings).toEqual([]);
  });

  const moved: [string, (from: string, to: string) => void][] = [
    ["copied", copyFileSync],
    ["moved", renameSync],
    ["linked", linkSync],
    ["linked by name", (from, to) => symlinkSync(from, to)],
  ];
  test.each(moved)("not when the file was %s to another key's place", async (_name, move) => {
    await cache().put("token", "theirs", "their value", now + HOUR_MS);
    move(entryPath(directory, "token", "theirs"), entryPath(directory, "token", "mine"));
    expect(await read("mine")).toBeUndefined();
    expect(warnings).toHaveLength(1);
  });

  test("not when it is of another form", async () => {
    await cache().put("token", "mine", { not: "text" }, now + HOUR_MS);
    expect(await read("mine")).toBeUndefined();
    expect(warnings.join()).toContain("damaged or foreign");
  });
});

describe("a file that others could have written or read does not count", () => {
  const odd: [string, (file: string) => void, boolean][] = [
    ["readable by others", (file) => chmodSync(file, 0o644), true],
    ["writable by the group", (file) => chmodSync(file, 0o660), true],
    ["of another user (needs root)", (file) => chownSync(file, 65534, 65534), process.geteuid?.() === 0],
  ];
  for (const [name, spoil, canBe] of odd) {
    test.skipIf(!canBe)(name, async () => {
      await cache().put("token", "mine", "value", now + HOUR_MS);
      spoil(entryPath(directory, "token", "mine"));
      expect(await read("mine")).toBeUndefined();
      expect(warnings).toHaveLength(1);
    });
  }
});

describe("time", () => {
  const cases: [string, number, boolean][] = [
    ["before it expires", HOUR_MS - 1, true],
    ["when it expires", HOUR_MS, false],
    ["half a minute before it was stored, by a clock that was corrected", -30_000, true],
    ["an hour before it was stored: its times are those of a wrong clock", -HOUR_MS, false],
  ];
  test.each(cases)("%s", async (_name, later, counts) => {
    await cache().put("token", "mine", "value", now + HOUR_MS);
    now += later;
    expect(await read("mine")).toBe(counts ? "value" : (undefined as never));
    expect(warnings).toEqual([]);
  });
});

const UUID = "00000000-0000-4000-8000-000000000000";
const ONE = Buffer.from("one").toString("base64url");

describe("what the dead left behind goes when something is next kept", () => {
  const files: [string, ageMs: number, goes: boolean][] = [
    [`token-${ONE}.json.1.${UUID}.tmp`, 59_000, false],
    [`token-${ONE}.json.1.${UUID}.tmp`, 61_000, true],
    [`token-${ONE}.json.1.${UUID}.tmp`, -HOUR_MS, true],
    [`token-${ONE}.json.lock`, 60_000, false],
    [`token-${ONE}.json.lock`, 121_000, true],
    [`token-${ONE}.json.lock`, -HOUR_MS, true],
    [`domains-${ONE}.json`, 7 * 24 * HOUR_MS, false],
    [`domains-${ONE}.json`, 9 * 24 * HOUR_MS, true],
    [`token-${ONE}.json`, 2 * 24 * HOUR_MS, false],
    [`token-${ONE}.json`, 4 * 24 * HOUR_MS, true],
    [`failure-${ONE}.json`, 60_000, false],
    [`failure-${ONE}.json`, 121_000, true],
  ];
  test.each(files)("%s, %p ms old", async (name, ageMs, goes) => {
    const file = `${directory}/${name}`;
    writeFileSync(file, "", { mode: 0o600 });
    utimesSync(file, (now - ageMs) / 1000, (now - ageMs) / 1000);
    await cache().put("token", "mine", "value", now + HOUR_MS);
    expect(statSync(file, { throwIfNoEntry: false }) === undefined).toBe(goes);
    expect(readdirSync(directory).filter((left) => left !== name)).toHaveLength(1);
  });
});

test("of too many files the failures go before a token", async () => {
  await cache().put("token", "mine", "value", now + HOUR_MS);
  const token = entryPath(directory, "token", "mine");
  utimesSync(token, (now - 20 * 60_000) / 1000, (now - 20 * 60_000) / 1000);
  for (let index = 0; index < 2100; index++) {
    const file = entryPath(directory, "failure", String(index));
    writeFileSync(file, "", { mode: 0o600 });
    utimesSync(file, now / 1000, now / 1000);
  }
  await cache().put("session", "other", "value", now + HOUR_MS);
  expect(await read("mine")).toBe("value");
  expect(readdirSync(directory).length).toBeLessThanOrEqual(2001);
});

test("whoever finds the lock held neither tidies nor makes a claim", async () => {
  const lock = await cache().tryLock("token", "mine", now + 60_000);
  const dead = `${directory}/token-dead.json.1.${crypto.randomUUID()}.tmp`;
  writeFileSync(dead, "", { mode: 0o600 });
  utimesSync(dead, 0, 0);
  const before = statSync(directory).mtimeMs;
  expect(await cache().tryLock("token", "mine", now + 60_000)).toEqual({ heldBy: process.pid });
  expect(readdirSync(directory)).toContain(`token-dead.json.1.${dead.split(".json.1.")[1]}`);
  expect(statSync(directory).mtimeMs).toBe(before);
  if (lock !== undefined && "release" in lock) lock.release();
});
