/** RAM credentials as Alibaba Cloud's APIs take them. */
export interface RamCredentials {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  /** Present for temporary credentials (STS). */
  readonly securityToken?: string;
  /** Epoch ms; absent: they do not expire by themselves. */
  readonly expiresAt?: number;
}

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
}
