import { Failure } from "../failure/failure.ts";
import type { Run } from "./run.ts";

/** The code of the failure with which a run without network ends when it would need one. */
export const OFFLINE = "Offline";

/** The same run without network, and without a trace in the cache: what would be asked for is a Failure `Offline`. */
export function offline(run: Run): Run {
  return {
    ...run,
    fetch: async (url) => {
      throw new Failure(`${new URL(url).host} would have to be asked`, {
        code: OFFLINE,
        remedy: "use --fetch to ask",
      });
    },
    cache: { ...run.cache, put: async () => {}, remove: async () => {}, tryLock: async () => undefined },
  };
}
