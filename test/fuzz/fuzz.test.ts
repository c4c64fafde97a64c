import { test } from "bun:test";
import fc from "fast-check";
import { targets } from "./targets.ts";

/** A sample of every target in each test run; `npm run fuzz` goes on for as long as it is told. */
test.each(targets)("$name", ({ property }) => fc.assert(property, { numRuns: 200 }), 60_000);
