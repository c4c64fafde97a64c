import type { RamCredentials } from "../openapi/credentials.ts";

export type { RamCredentials };

/** Who the plugin is towards Alibaba Cloud: a provider function and its names. */
export interface Identity {
  /** For people (messages, log, explain): names and ARNs only, e.g. `ecsRamRole KubernetesWorkerRole`. */
  readonly name: string;
  /**
   * For the cache: everything that sets this identity apart from any other, worked out without a network
   * call. What was obtained with one key is never used for another.
   */
  readonly key: string;
  /**
   * Obtains the credentials, by network where need be.
   * @throws Failure that names the source or role concerned and the remedy.
   */
  credentials(): Promise<RamCredentials>;
  /** Drops what is kept of these credentials between runs, so that the next ones are new; absent: nothing is kept. */
  forget?(): Promise<void>;
}
