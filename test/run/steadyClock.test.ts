import { expect, test } from "bun:test";
import { steadyClock } from "../../src/main/steadyClock.ts";
import { Deadline } from "../../src/run/deadline.ts";

test.each([[3_600_000], [-3_600_000]])(
  "a wall clock that is set by %p ms does not move a deadline",
  (step) => {
    let wall = Date.UTC(2026, 10, 21);
    let elapsed = 12.5;
    const now = steadyClock(
      () => wall,
      () => elapsed,
    );
    expect(now()).toBe(wall);
    const deadline = new Deadline(25_000, now);
    elapsed += 10_000.7;
    wall += 10_000.7 + step;
    expect(deadline.remaining()).toBe(15_000);
  },
);
