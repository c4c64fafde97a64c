import { expect, test } from "bun:test";
import { NodeCache, ProcessCache } from "../../simulation/nodeCache.ts";
import { VirtualTime } from "../../simulation/virtualTime.ts";

const isText = (value: unknown): value is string => typeof value === "string";

test("events happen in order of time, those of one time in the order they came", () => {
  const time = new VirtualTime();
  const seen: string[] = [];
  for (const [at, name] of [
    [61_000, "d"],
    [5, "b"],
    [1, "a"],
    [5, "c"],
    [99_999_999, "never"],
  ] as const) {
    time.at(at, () => seen.push(`${name}@${time.now}`));
  }
  time.run(90_000);
  expect(seen).toEqual(["a@1", "b@5", "c@5", "d@61000"]);
  expect(time.now).toBe(90_000);
});

test("nothing is lost between two runs", () => {
  for (const end of [90_000, 90_001, 90_999]) {
    const time = new VirtualTime();
    const seen: number[] = [];
    time.run(end);
    time.at(end, () => seen.push(time.now));
    time.at(end + 1, () => seen.push(time.now));
    time.run(end);
    time.run(end + 1);
    expect(seen).toEqual([end, end + 1]);
  }
});

test("time stands still while processes run", () => {
  const time = new VirtualTime();
  const seen: number[] = [];
  const process = async () => {
    for (let step = 0; step < 3; step++) {
      for (let turn = 0; turn < 50; turn++) await undefined;
      seen.push(time.now);
      await time.sleep(10);
    }
    return time.now;
  };
  time.start(process, (end) => seen.push(end));
  time.run(1000);
  expect(seen).toEqual([0, 10, 20, 30]);
});

test("a process that waits for something real is reported", () => {
  const time = new VirtualTime();
  time.start(
    () => Bun.sleep(1),
    () => {},
  );
  expect(() => time.run(1000)).toThrow("not simulated");
});

test("a lock has one holder until it is released or past its time", async () => {
  const time = new VirtualTime();
  const node = new NodeCache(time);
  const [first, second] = [new ProcessCache(node, 1), new ProcessCache(node, 2)];
  const lock = await first.tryLock("token", "key", 1000);
  expect(await second.tryLock("token", "key", 5000)).toEqual({ heldBy: 1 });
  expect(await second.tryLock("token", "other key", 5000)).toHaveProperty("release");
  if ("release" in lock) lock.release();
  const taken = await second.tryLock("token", "key", 5000);
  expect(taken).toHaveProperty("release");
  if ("release" in lock) lock.release();
  expect(await first.tryLock("token", "key", 9000)).toEqual({ heldBy: 2 });
  time.run(5000);
  expect(await first.tryLock("token", "key", 9000)).toHaveProperty("release");
});

test("an entry serves until it expires", async () => {
  const time = new VirtualTime();
  const cache = new ProcessCache(new NodeCache(time), 1);
  await cache.put("token", "key", "value", 100);
  expect((await cache.get("token", "key", isText))?.value).toBe("value");
  expect(await cache.get("failure", "key", isText)).toBeUndefined();
  time.run(100);
  expect(await cache.get("token", "key", isText)).toBeUndefined();
});
