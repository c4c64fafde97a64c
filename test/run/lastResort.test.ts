import { expect, test } from "bun:test";
import { Deadline, orTimeout } from "../../src/run/deadline.ts";
import type { Run } from "../../src/run/run.ts";

/** A run whose sleeps end at once, and are written down (ms). */
function hurriedRun(slept: number[]): Run {
  const deadline = new Deadline(25_000, () => 0);
  return { deadline, sleep: async (ms: number) => void slept.push(ms) } as unknown as Run;
}

test("work that never ends is a Timeout after the deadline", async () => {
  const slept: number[] = [];
  const never = new Promise<void>(() => {});
  expect(orTimeout(hurriedRun(slept), never)).rejects.toMatchObject({ code: "Timeout", exitStatus: 1 });
  expect(slept).toEqual([25_500]);
});

test("work that ends is its result", async () => {
  expect(await orTimeout(hurriedRun([]), Promise.resolve("done"))).toBe("done");
});
