/** A role that is assumed with an OIDC token instead of an identity. */
export interface WebIdentity {
  /** How the config calls the source, for names and messages. */
  readonly source: string;
  /** What sets the token's holder apart, for the key. */
  readonly holder: readonly string[];
  readonly roleArn: string | undefined;
  readonly oidcProviderArn: string | undefined;
  readonly sessionName?: string | undefined;
  readonly durationSeconds?: number | undefined;
  readonly policy?: string | undefined;
  /** The raw token, read when it is needed. */
  readonly token: () => string;
}
