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

/** What one run did; becomes one JSON line of the log. Names and ARNs only, never a secret. */
export interface RunRecord {
  image?: string;
  host?: string;
  edition?: "enterprise" | "personal";
  instanceId?: string;
  regionId?: string;
  identity?: string;
  /** The role attached to the node, once the metadata service has named it. */
  nodeRole?: string;
  outcome?: "credentials" | "notOurs" | "refused" | "failed";
  cache?: CacheState;
  cacheDurationSeconds?: number;
  readonly calls: CallRecord[];
  /** What an operator should know although the run succeeded: a cache that cannot be used, a renewal that failed. */
  readonly warnings: string[];
}

export function newRecord(): RunRecord {
  return { calls: [], warnings: [] };
}
