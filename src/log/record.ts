/** One call to an API, as the log shows it. */
export interface CallRecord {
  readonly api: string;
  readonly endpoint: string;
  readonly status?: number;
  readonly code?: string;
  readonly requestId?: string;
  readonly ms: number;
}

export type CacheState = "hit" | "miss" | "stale" | "wait";

/** What is noted while a run goes on, whatever comes of it. Names and ARNs only, never a secret. */
export interface RunRecord {
  /** The role attached to the node, once the metadata service has named it. */
  nodeRole?: string;
  readonly calls: CallRecord[];
  /** What an operator should know although the run succeeded: a cache that cannot be used, a renewal that failed. */
  readonly warnings: string[];
}

export function newRecord(): RunRecord {
  return { calls: [], warnings: [] };
}
