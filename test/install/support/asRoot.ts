import { describe, test } from "bun:test";

const isRoot = process.getuid?.() === 0;

/** `describe` for what only root may do: half of what is looked at could not be read. */
export const describeAsRoot = (name: string, tests: () => void): void =>
  describe.skipIf(!isRoot)(`${name} (as root only)`, tests);

/** The same for a single test. */
export const testAsRoot = (name: string, body: () => Promise<void>): void =>
  test.skipIf(!isRoot)(`${name} (as root only)`, body);
