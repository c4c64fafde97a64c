import { Failure } from "../failure/failure.ts";
import type { RamCredentials } from "../openapi/credentials.ts";
import type { EndpointChoice } from "../openapi/endpoints.ts";
import { once, type Run } from "../run/run.ts";
import type { ServiceAccount } from "./serviceAccount.ts";

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
  /** Where STS is asked for the last of its roles; absent: no role is assumed. */
  readonly sts?: Pick<IdentityContext, "regionId" | "network">;
  /**
   * Obtains the credentials within the time of the run, by network where need be.
   * @throws Failure that names the source or role concerned and the remedy.
   */
  credentials(run: Run): Promise<RamCredentials>;
  /** Drops what is kept of these credentials between runs, so that the next ones are new; absent: nothing is kept. */
  forget?(run: Run): Promise<void>;
}

/** For what, and for whom, an identity is worked out. */
export interface IdentityContext {
  /** Region whose STS endpoint is asked. */
  readonly regionId: string;
  /** Which STS endpoint; values as for `endpointsOf`. */
  readonly network: EndpointChoice;
  /** Whose pod pulls, when the kubelet sent a token. */
  readonly serviceAccount?: ServiceAccount;
}

/** A role that is assumed with an OIDC token instead of an identity. */
export interface WebIdentity {
  /** How the config calls the source, for names and messages. */
  readonly source: string;
  /** What sets the token's holder apart, for the key; the first is the holder's name. */
  readonly holder: readonly [string, ...string[]];
  readonly roleArn: string;
  readonly oidcProviderArn: string;
  readonly sessionName?: string | undefined;
  readonly durationSeconds?: number | undefined;
  /** JSON; takes permissions away from the session. */
  readonly policy?: string | undefined;
  /** The raw token, read when it is needed. @throws Failure */
  readonly token: () => string;
}

/** What an identity is worked out from: config, variables and local files; no network, no time. */
export type IdentitySetting = Pick<Run, "config" | "env" | "secrets">;

/** The identity with its credentials obtained once in a run, however often they are asked for, until it forgets them. */
export function memoised(identity: Identity): Identity {
  const name = `credentials of ${identity.key}`;
  const { forget } = identity;
  return {
    ...identity,
    credentials: (run) => once(run, name, () => identity.credentials(run)),
    ...(forget === undefined
      ? {}
      : {
          forget: async (run) => {
            run.obtained.delete(name);
            await forget(run);
          },
        }),
  };
}

/** The name of the node's role as an identity, until the metadata service has told which one it is. */
export const NODE_ROLE = "ecsRamRole (the node's role)";

/** An identity's name with the node's role by its own name, where this run has learnt it. */
export function nameNow(nodeRole: string | undefined, name: string): string {
  return nodeRole === undefined ? name : name.replace(NODE_ROLE, `ecsRamRole ${nodeRole}`);
}

/** Whom RAM sees behind an identity's name, for remedies: the last role of a chain, or the RAM user of an AccessKey. */
export function principalOf({ record }: Pick<Run, "record">, name: string): string {
  const last = nameNow(record.nodeRole, name).split(" > ").at(-1) ?? "";
  if (last.endsWith(NODE_ROLE)) return "the node's role";
  const [, source, which] = /(?:^|: )(ecsRamRole|accessKey) (.*)$/.exec(last) ?? [];
  if (source === undefined) return last;
  return source === "accessKey" ? `the RAM user of AccessKey ${which}` : `the node's role ${which}`;
}

/** What the APIs answer when the credentials themselves no longer count, whatever they would permit. */
const refusedCredentials = /^(InvalidAccessKeyId|InvalidSecurityToken|SecurityTokenExpired|SecurityToken\.)/;

/**
 * Uses an identity's credentials. When the API does not accept kept ones (a role was deleted and made again, its
 * sessions revoked), they are forgotten and the use is tried once more with new ones.
 */
export async function withCredentials<Value>(
  run: Run,
  identity: Identity,
  use: (credentials: RamCredentials) => Promise<Value>,
): Promise<Value> {
  const credentials = await identity.credentials(run);
  try {
    return await use(credentials);
  } catch (error) {
    if (!(error instanceof Failure) || !refusedCredentials.test(error.code) || identity.forget === undefined)
      throw error;
    await identity.forget(run);
    const renewed = await identity.credentials(run);
    if (renewed.accessKeyId === credentials.accessKeyId) throw error;
    return use(renewed);
  }
}
