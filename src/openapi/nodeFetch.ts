import type { Run } from "../run/run.ts";

/** HTTP on Node.js; `imports` in package.json has Bun load `bunFetch.ts` instead. A cache hit needs none, so it loads late. */
export const runtimeFetch: Run["fetch"] = async (url, init) =>
  (await import("./undiciFetch.ts")).undiciFetch(url, init);
