import type { IdentityConfig } from "../../../config/config.ts";
import type { Failure } from "../../../failure/failure.ts";
import { callerIdentity } from "../../../identity/callerIdentity.ts";
import { type Identity, type IdentityContext, withCredentials } from "../../../identity/identity.ts";
import { readMetadata } from "../../../identity/metadata.ts";
import { resolveIdentity } from "../../../identity/resolveIdentity.ts";
import type { Run } from "../../../run/run.ts";
import { span } from "../../../text/span.ts";
import type { Check, Examination } from "../check.ts";
import { failedBy, freshRun, timed } from "../freshRun.ts";
import { type Place, placesOf, whySkipped } from "../places.ts";

/** Who the plugin is: the metadata service where an identity uses it, and every link of every identity's chain. */
export async function* examineIdentity({ run: kept, images, offline }: Examination): AsyncGenerator<Check> {
  const skipped = whySkipped(kept, offline);
  if (kept === undefined || skipped !== undefined) {
    yield { group: "identity", id: "source", status: "skipped", subject: "identity", found: skipped ?? "" };
    return;
  }
  const run = freshRun(kept);
  const asked = await identitiesOf(run, images);
  yield await metadataCheck(run, asked);
  const chains = asked.map((one) => chainChecks(run, one));
  for (const chain of chains) yield* await chain;
}

interface Asked {
  /** `identity`, `registries[0].identity`, `identity.fallback`. */
  readonly path: string;
  readonly identity: IdentityConfig;
  readonly context: IdentityContext;
}

/** Each identity of the config that some registry uses, once, with the region whose STS it asks. */
async function identitiesOf(run: Run, images: readonly string[]): Promise<readonly Asked[]> {
  const known = new Map<string, Asked>();
  const places: readonly Place[] = await placesOf(run, images);
  for (const { identity, identityPath: path, regionId = "", network, entry } of places) {
    if (entry?.fixedCredentials !== undefined) continue;
    const context = { regionId, network };
    if (!known.has(path)) known.set(path, { path, identity, context });
    const fallback = identity.source === "serviceAccountToken" ? identity.fallback : undefined;
    const fallbackPath = `${path}.fallback`;
    if (fallback !== undefined) known.set(fallbackPath, { path: fallbackPath, identity: fallback, context });
  }
  return [...known.values()];
}

async function metadataCheck(run: Run, asked: readonly Asked[]): Promise<Check> {
  const check = { group: "identity", id: "metadata", subject: "metadata service" } as const;
  const used = await Promise.all(asked.map((one) => usesMetadata(run, one)));
  if (!used.includes(true))
    return { ...check, status: "skipped", found: "no identity of this config uses it" };
  const answer = await timed(run, () => readMetadata(run, "ram/security-credentials/"));
  const { durationMs } = answer;
  if ("failure" in answer) return { ...check, durationMs, ...failedBy(answer.failure) };
  if (answer.value !== undefined) {
    const role = answer.value.split("\n")[0] ?? "";
    return { ...check, durationMs, status: "ok", found: `it answers: the node's RAM role is ${role}` };
  }
  return {
    ...check,
    durationMs,
    status: "failed",
    found: "it answers, and no RAM role is attached to this node",
    remedy:
      "attach one that may use ACR (ECS console, the instance, Attach/Detach RAM Role; or aliyun ecs AttachInstanceRamRole), or configure another identity",
  };
}

/** By its name: a source such as `auto` or a profile tells only when it is worked out. */
async function usesMetadata(run: Run, { identity, context }: Asked): Promise<boolean> {
  const source = await timed(run, () => resolveIdentity(run, { ...identity, assumeRoles: [] }, context));
  return "value" in source && source.value.name.includes("ecsRamRole");
}

/** One check for the source, one for each role that is assumed after it. */
async function chainChecks(run: Run, { path, identity, context }: Asked): Promise<readonly Check[]> {
  const { source, assumeRoles } = identity;
  const check = { group: "identity", id: "source", subject: `${path} (${source})` } as const;
  if (source === "serviceAccountToken") return [{ ...check, ...podsOwn(identity.roleArn) }];
  const checks: Check[] = [];
  for (let count = 0; count <= assumeRoles.length; count++) {
    const role = assumeRoles[count - 1]?.roleArn;
    const link =
      role === undefined ? check : { ...check, id: `assumeRoles[${count - 1}]`, subject: `${path}: ${role}` };
    const before = checks.find(({ status }) => status === "failed");
    if (before !== undefined) {
      checks.push({ ...link, status: "skipped", found: `not tried: ${before.id} failed` });
      continue;
    }
    checks.push({
      ...link,
      ...(await linkCheck(run, { ...identity, assumeRoles: assumeRoles.slice(0, count) }, context)),
    });
  }
  return checks;
}

function podsOwn(roleArn: string | undefined): Pick<Check, "status" | "found" | "remedy"> {
  return {
    status: "skipped",
    found: `each pod assumes ${roleArn ?? "the role of its annotation"} with its own token, and doctor has no pod's`,
    remedy:
      "try one: kubectl create token NAME -n NAMESPACE --audience sts.aliyuncs.com > FILE; then explain IMAGE --fetch --token-file FILE",
  };
}

type Result = Omit<Check, "group" | "id" | "subject">;

async function linkCheck(run: Run, config: IdentityConfig, context: IdentityContext): Promise<Result> {
  let identity: Identity | undefined;
  const obtained = await timed(run, async () => {
    identity = await resolveIdentity(run, config, context);
    return identity.credentials(run);
  });
  if ("failure" in obtained || identity === undefined) {
    return { durationMs: obtained.durationMs, ...failedBy((obtained as { failure: Failure }).failure) };
  }
  const { expiresAt } = obtained.value;
  const left = expiresAt === undefined ? "" : `, ${span(expiresAt - run.now())} left`;
  const { name } = identity;
  const caller = await timed(run, () =>
    withCredentials(run, identity as Identity, (credentials) => callerIdentity(run, credentials, context)),
  );
  const durationMs = obtained.durationMs + caller.durationMs;
  if ("value" in caller) {
    return {
      durationMs,
      status: "ok",
      found: `${name} is ${caller.value.arn} (${caller.value.type})${left}`,
    };
  }
  const { failure } = caller;
  if (!failure.transient) return { durationMs, ...failedBy(failure) };
  return {
    durationMs,
    status: "warning",
    found: `the credentials of ${name} are there${left}, and STS cannot be asked whose they are: ${failure.message}`,
    remedy: failure.remedy ?? "see the group network",
  };
}
