import { type EndpointAccess, endpointAccess } from "../../../acr/endpointAccess.ts";
import { listTags, type Repository } from "../../../distribution/repository.ts";
import type { Failure } from "../../../failure/failure.ts";
import { withCredentials } from "../../../identity/identity.ts";
import { readMetadata } from "../../../identity/metadata.ts";
import { nearest } from "../../../text/nearest.ts";
import { failedBy, timed } from "../freshRun.ts";
import { remedyWithPolicy } from "../ramPolicy.ts";
import type { ImagePull, PullStep } from "./imagePull.ts";
import {
  credentialsRefused,
  foreignHost,
  keptOut,
  mayNotPull,
  type PullContext,
  type Said,
  turnedAway,
  unreachable,
  who,
} from "./pullRemedies.ts";

/** Code of the failure that a token was given which allows nothing with the repository. */
export const NOTHING_GRANTED = "NothingGranted";

/**
 * Why a step of a pull failed, and what fixes it. Where the registry turns the node away without saying why, the
 * instance's endpoints are asked for.
 */
export async function explainPullFailure(pull: ImagePull, step: PullStep, failure: Failure): Promise<Said> {
  const { context } = pull;
  if (context === undefined) return plain(failure);
  switch (step) {
    case "image":
      return plain(failure);
    case "credentials": {
      const { found, remedy } = failedBy(failure, remedyWithPolicy(failure, who(context)));
      return { found, remedy };
    }
    case "registry":
      return registryFailed(context, failure);
    case "login":
      return loginFailed(pull, context, failure);
    case "manifest":
      return manifestFailed(pull, context, failure);
    case "layer":
      return layerFailed(pull, context, failure);
  }
}

/** In the failure's own words. */
function plain(failure: Failure): Said {
  const { found, remedy } = failedBy(failure);
  if (failure.remedy !== undefined) return { found, remedy };
  const later =
    "try again; if it persists, look at what stands between this node and that host (proxy, firewall)";
  return { found, remedy: later };
}

async function registryFailed(context: PullContext, failure: Failure): Promise<Said> {
  const { httpStatus } = failure.details;
  if (failure.code === "RealmInvalid") return plain(failure);
  if (httpStatus === undefined) {
    return refusal(context, unreachable("the registry", context.host, failure));
  }
  return httpStatus === 401 || httpStatus === 403
    ? refusal(context, turnedAway(context, failure))
    : plain(failure);
}

async function loginFailed({ realm }: ImagePull, context: PullContext, failure: Failure): Promise<Said> {
  const { httpStatus } = failure.details;
  if (failure.code === "BearerTokenMissing") return plain(failure);
  const isGiven = failure.code === NOTHING_GRANTED;
  if (httpStatus === undefined && !isGiven) {
    return unreachable("the token realm", realm?.host ?? context.host, failure);
  }
  if (httpStatus !== 401 && httpStatus !== 403 && !isGiven) return plain(failure);
  const endpoints = await endpointsOf(context);
  const foreign = endpoints && foreignHost(context, endpoints);
  if (foreign !== undefined) return foreign;
  const why = isGiven ? "the token that the registry's realm gives allows nothing with it" : failure.message;
  const said = httpStatus === 401 ? credentialsRefused(context, failure) : mayNotPull(context, why);
  return refusal(context, said, endpoints);
}

async function manifestFailed(pull: ImagePull, context: PullContext, failure: Failure): Promise<Said> {
  const { httpStatus } = failure.details;
  if (httpStatus === undefined)
    return unlessKnown(failure, () => unreachable("the registry", context.host, failure));
  if (httpStatus === 404) return notThere(pull.repository, context, failure);
  if (httpStatus !== 401 && httpStatus !== 403) return plain(failure);
  return refusal(context, mayNotPull(context, failure.message));
}

async function layerFailed({ layers }: ImagePull, context: PullContext, failure: Failure): Promise<Said> {
  const { httpStatus, endpoint } = failure.details;
  if (layers === undefined) {
    if (httpStatus === undefined) {
      return unlessKnown(failure, () => unreachable("the registry", context.host, failure));
    }
    return httpStatus === 404
      ? {
          found: failure.message,
          remedy: "push the image again: the registry has its manifest, and not its layers",
        }
      : plain(failure);
  }
  if (httpStatus === undefined) return unreachable("the layer host", layers.host, failure);
  return {
    found: `the layer host refuses the layer: ${failure.message}`,
    remedy: `check the node's clock, and the policies of the OSS bucket behind ${endpoint} (allowed VPCs and addresses)`,
  };
}

/** A failure with a remedy of its own that is not about the network stays as it is. */
function unlessKnown(failure: Failure, otherwise: () => Said): Said {
  const isNetwork = !["PlatformMissing", "ManifestInvalid", "RedirectInvalid"].includes(failure.code);
  return isNetwork ? otherwise() : plain(failure);
}

/** Which of repository, tag and digest is missing, by the registry's list of tags. */
async function notThere(
  repository: Repository | undefined,
  context: PullContext,
  failure: Failure,
): Promise<Said> {
  const { run, host, repository: name, reference } = context;
  const tags = repository && (await timed(run, () => listTags(run, repository)));
  if (tags !== undefined && "value" in tags && !reference.includes(":")) {
    const likely = reference.length < 3 ? undefined : nearest(reference, tags.value);
    const some = tags.value.slice(0, 8).join(", ") || "none";
    return {
      found: `no such tag: ${host}/${name} has no tag ${reference}; its tags: ${some}${tags.value.length > 8 ? ", …" : ""}`,
      remedy: `push ${reference}, or name a tag that is there${likely === undefined ? "" : ` (${likely}?)`}`,
    };
  }
  if (tags !== undefined && "value" in tags) {
    return {
      found: `no such digest: ${host}/${name} has no manifest ${reference}`,
      remedy:
        "push that image again, or name a digest that is there; a digest changes with every push of a tag",
    };
  }
  const isUnknown = tags?.failure.details.httpStatus === 404;
  return {
    found: `${isUnknown ? "no such repository" : "no such repository or tag"}: ${failure.message}`,
    remedy: `correct the name ${name}${isUnknown ? "" : ` and the tag ${reference}`}, or push the image to it: docker push ${host}/${name}:${reference}`,
  };
}

/** What is said of a node that is turned away, with what the instance's endpoints say against it. */
async function refusal(
  context: PullContext,
  said: Said,
  known?: readonly EndpointAccess[] | undefined,
): Promise<Said> {
  const endpoints = known ?? (await endpointsOf(context));
  const because = endpoints && keptOut(context, endpoints, await nodeVpcOf(context));
  if (because === undefined) return said;
  const { found, remedy, isCause } = because;
  // What may be the reason stands behind what the registry says, which never names it.
  return isCause
    ? { found: `${found}; ${said.found}`, remedy }
    : { found: `${said.found}; ${found}`, remedy: `${said.remedy}; or ${remedy}` };
}

/** The VPC that the node is in, by the metadata service, which is asked only where the identity is the node's role. */
async function nodeVpcOf({ run }: PullContext): Promise<string | undefined> {
  if (run.record.nodeRole === undefined) return undefined;
  const asked = await timed(run, () => readMetadata(run, "vpc-id"));
  return "value" in asked && /^vpc-[a-z0-9]{1,40}$/.test(asked.value ?? "") ? asked.value : undefined;
}

/** The instance's endpoints with who is let in; undefined where no one may ask, or nothing has any. */
async function endpointsOf(context: PullContext): Promise<readonly EndpointAccess[] | undefined> {
  const { run, registry, identity } = context;
  if (registry === undefined || identity === undefined || registry.instanceId === "") return undefined;
  const asked = await timed(run, () =>
    withCredentials(run, identity, (credentials) => endpointAccess(run, registry, credentials)),
  );
  return "value" in asked ? asked.value : undefined;
}
