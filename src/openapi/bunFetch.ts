import type { Run } from "../run/run.ts";

/** HTTP by Bun's own `fetch`; `imports` in package.json has Node.js load `nodeFetch.ts` instead. */
export const runtimeFetch: Run["fetch"] = (url, init) => fetch(url, init);
