/** RAM credentials as Alibaba Cloud's APIs take them. */
export interface RamCredentials {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  /** Present for temporary credentials (STS). */
  readonly securityToken?: string;
  /** Epoch ms; absent: they do not expire by themselves. */
  readonly expiresAt?: number;
}
