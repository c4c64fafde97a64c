import type { ProviderConfig } from "../../../../config/config.ts";
import { Failure } from "../../../../failure/failure.ts";
import { mayBeCustomDomain } from "../../../../host/foreignHosts.ts";
import { imageRepository } from "../../../../kubelet/matchImages/imageRepository.ts";
import { hasUnknownDomains, matchImages } from "../../../../kubelet/matchImages/matchImages.ts";
import {
  type MatchingProvider,
  matchingProviders,
  type OtherProvider,
} from "../../../../kubelet/matchImages/matchingProviders.ts";
import { urlsMatch } from "../../../../kubelet/matchImages/urlsMatch.ts";
import type { Check } from "../../check.ts";
import { checksOf } from "../../makeCheck.ts";
import type { ObservedNode } from "../../observedNode.ts";
import { restartOf } from "./restart.ts";

const check = checksOf("kubelet");

/** Which providers the kubelet asks for each image, and why not ours. */
export function* imageChecks(
  node: ObservedNode,
  images: readonly string[],
  config: ProviderConfig | undefined,
): Iterable<Check> {
  for (const image of images) yield* imageCheck(node, image, config);
}

function* imageCheck(node: ObservedNode, image: string, config: ProviderConfig | undefined): Iterable<Check> {
  const found = check("image", image);
  const { verdict, ours } = node;
  const repository = repositoryOf(image);
  if (repository instanceof Failure) {
    yield found.failed(repository.message, repository.remedy ?? "name an image");
    return;
  }
  if (!verdict?.accepted) {
    yield found.skipped("the kubelet's config is refused, or there is none: see config above");
    return;
  }
  const { matching, others } = matchingProviders(verdict.providers, repository);
  const names = new Set(ours.map(({ name }) => name));
  const our = matching.filter(({ provider }) => names.has(provider.name));
  const [first] = our;
  if (first === undefined) {
    const missed = others.filter(({ provider }) => names.has(provider.name));
    const isOurs = config === undefined ? "maybe" : answersFor(config, repository);
    const said = whyNot(node, repository, missed, matching);
    if (isOurs === "no") yield found.skipped(NOT_OURS);
    else if (isOurs === "maybe") yield found.warning(...said);
    else yield found.failed(...said);
    return;
  }
  yield found.ok(matchText(first));
  const competing = matching.filter(({ provider }) => !names.has(provider.name));
  if (competing.length > 0)
    yield check("other-providers", image).warning(...competition(matching, competing));
}

function repositoryOf(image: string): string | Failure {
  try {
    return imageRepository(image);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

const NOT_OURS = "the config has no registry for it, and the kubelet does not run this program for it";

/** Whether the config has an answer for an image; `maybe`: if its host is a custom domain that only an API knows. */
function answersFor(config: ProviderConfig, repository: string): "yes" | "maybe" | "no" {
  // The plugin does not tell upper from lower case in a host, and a port of 443 counts as none.
  const plain = repository.toLowerCase().replace(/^([^/]*):443\//, "$1/");
  const patterns = matchImages(config).flatMap((group) => group.patterns);
  if (patterns.some((pattern) => urlsMatch(pattern, plain) || urlsMatch(pattern, repository))) return "yes";
  const mayBeCustom = config.registries.some(hasUnknownDomains) || config.serviceAccountAnnotations.enabled;
  return mayBeCustom && mayBeCustomDomain(repository.split("/")[0] ?? "") ? "maybe" : "no";
}

function matchText({ provider, pattern, line }: MatchingProvider): string {
  const who = `the kubelet runs ${provider.name} for it: ${pattern} (${provider.file}, line ${line})`;
  const only = provider.tokenAttributes?.requireServiceAccount === true;
  return only ? `${who}, only for pods with a service account, not for static pods` : who;
}

function whyNot(
  { kubelet }: ObservedNode,
  repository: string,
  missed: readonly OtherProvider[],
  matching: readonly MatchingProvider[],
): [found: string, remedy: string] {
  const asked =
    matching.length === 0
      ? "no provider is run for it, and the pull is anonymous"
      : `only ${matching.map(({ provider }) => provider.name).join(", ")} is run for it`;
  const [our] = missed;
  const [nearest] = our?.misses ?? [];
  if (our === undefined || nearest === undefined) {
    return [`${asked}: this program is not a provider of the kubelet`, "see the check provider above"];
  }
  const [host = ""] = repository.split("/");
  const { name, file } = our.provider;
  const why = `the nearest pattern of ${name}, ${nearest.pattern} (${file}, line ${nearest.line}), ${nearest.message}`;
  return [
    `${asked}: ${why}`,
    `add under matchImages of ${name} in ${file}: - "${host}"; then: ${restartOf(kubelet)}`,
  ];
}

/** The kubelet tries the credentials of all, in the order of the list, until a pull succeeds. */
function competition(
  matching: readonly MatchingProvider[],
  competing: readonly MatchingProvider[],
): [found: string, remedy: string] {
  const order = matching.map(({ provider }) => provider.name).join(", ");
  const [other] = competing;
  const who = competing
    .map(({ provider, pattern, line }) => `${provider.name} by ${pattern} (${provider.file}, line ${line})`)
    .join(", ");
  return [
    `also matched by ${who}; the credentials of all are tried, in this order: ${order}`,
    `narrow matchImages of ${other?.provider.name} if it has no business with this registry`,
  ];
}
