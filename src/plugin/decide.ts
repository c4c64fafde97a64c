import { askedByAnnotations, identityWithAnnotations } from "../access/annotations.ts";
import { checkAccess } from "../access/rules.ts";
import { parseServiceAccount, type ServiceAccount } from "../access/serviceAccount.ts";
import { instanceLookups } from "../acr/instances.ts";
import type { TokenQuery } from "../acr/wantedToken.ts";
import { type IdentityConfig, needsServiceAccountTokens } from "../config/config.ts";
import type { Identity } from "../identity/identity.ts";
import { memoised } from "../identity/memoised.ts";
import { nodeRegion } from "../identity/nodeRegion.ts";
import { resolveIdentity } from "../identity/resolveIdentity.ts";
import { imageHost } from "../registry/imageReference.ts";
import { type Registry, resolveRegistry, type Step } from "../registry/resolve.ts";
import type { Run } from "../run/run.ts";
import type { PluginRequest } from "./request.ts";

type Place = Pick<Registry, "regionId" | "network">;

/** An image, and whose pod it is for. */
export interface Pull {
  readonly image: string;
  readonly serviceAccount?: ServiceAccount;
}

/** What is decided about an image before any token is asked for. */
export type Decision =
  | TokenQuery
  /** Nobody is asked. */
  | { readonly registry: Registry; readonly fixedCredentials: { readonly directory: string } };

/**
 * Which registry the image's host leads to, whether this pod may pull from it, and as whom to ask for its token;
 * undefined when the host is not ours. `trace` hears of every candidate, and why it was passed over.
 * @throws Failure when the pull is refused or the decision cannot be made.
 */
export async function decide(
  run: Run,
  { image, serviceAccount }: Pull,
  trace?: (step: Step) => void,
): Promise<Decision | undefined> {
  const { config, record } = run;
  record.host = imageHost(image);
  const asked = askedByAnnotations(config, serviceAccount);
  const known = new Map<string, Identity>();
  const identify = async (within: Run, wanted: IdentityConfig, { regionId, network }: Place) => {
    const context = { regionId, network, ...(serviceAccount === undefined ? {} : { serviceAccount }) };
    const identity = await resolveIdentity(within, identityWithAnnotations(config, wanted, asked), context);
    if (within !== run) return identity;
    const same = known.get(identity.key) ?? memoised(identity);
    known.set(identity.key, same);
    return same;
  };
  const registry = await resolveRegistry(record.host, {
    config,
    annotatedInstances: asked.instances,
    nodeRegion: () => nodeRegion(run),
    lookups: instanceLookups(run, identify),
    ...(trace === undefined ? {} : { trace }),
  });
  if (registry === undefined) return undefined;
  record.edition = registry.edition;
  record.instanceId = registry.instanceId;
  record.regionId = registry.regionId;
  checkAccess(config, serviceAccount);
  const { fixedCredentials } = registry;
  if (fixedCredentials !== undefined) return { registry, fixedCredentials };
  const identity = await identify(run, registry.identity, registry);
  record.identity = identity.name;
  return { registry, identity, identityWithin: (within) => identify(within, registry.identity, registry) };
}

/** The pull that a request means; the service account only where this config has any use for it. @throws Failure */
export function pullOf({ config }: Run, request: PluginRequest): Pull {
  const { image, serviceAccountToken: token, serviceAccountAnnotations: annotations } = request;
  if (token === undefined || needsServiceAccountTokens(config) === undefined) return { image };
  return { image, serviceAccount: parseServiceAccount(token, annotations) };
}
