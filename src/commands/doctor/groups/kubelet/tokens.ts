import { needsServiceAccountTokens, type ProviderConfig } from "../../../../config/config.ts";
import type { TokenAttributes } from "../../../../kubelet/credentialProviderConfig/credentialProvider.ts";
import { AUDIENCE, annotationKeys } from "../../../kubeletConfig/tokenAttributes.ts";
import type { Check } from "../../check.ts";
import { type JudgedConfig, placeOf } from "../../judgedConfig.ts";
import { checksOf, type Findings } from "../../makeCheck.ts";
import type { ObservedNode } from "../../observedNode.ts";
import type { OurProvider } from "../../ourProviders.ts";
import { printingCommand } from "./printingCommand.ts";
import { restartOf } from "./restart.ts";

const check = checksOf("kubelet");

/** Whether the kubelet sends the service account tokens and annotations that the config needs. */
export function tokenCheck(node: ObservedNode, provider: OurProvider, judged: JudgedConfig): Check {
  const found = check("tokens", placeOf(provider));
  const { kubelet } = node;
  const { tokenAttributes } = provider;
  const config = judged.validation?.config;
  if (config === undefined) return found.skipped("the config cannot be used");
  const reason = needsServiceAccountTokens(config);
  if (tokenAttributes !== undefined) return attributesOf(found, tokenAttributes, config, restartOf(kubelet));
  if (reason === undefined) return found.ok("no service account tokens, and the config needs none");
  return found.failed(
    `tokenAttributes is missing, and ${reason}: the kubelet sends no token, and pulls are refused`,
    `add tokenAttributes to the provider as this prints them: ${printingCommand(node, judged)}; then: ${restartOf(kubelet)}`,
  );
}

function attributesOf(
  found: Findings,
  attributes: TokenAttributes,
  config: ProviderConfig,
  restart: string,
): Check {
  const { serviceAccountTokenAudience: audience } = attributes;
  if (audience !== AUDIENCE) {
    return found.warning(
      `the tokens are for ${audience}, and RAM's OIDC provider accepts ${AUDIENCE} unless it was set up otherwise`,
      `write serviceAccountTokenAudience: ${AUDIENCE}, then: ${restart}`,
    );
  }
  if (needsServiceAccountTokens(config) === undefined) {
    return found.warning(
      "service account tokens are sent along, and the config has no use for them: the kubelet asks once for each service account",
      "take tokenAttributes out of the provider",
    );
  }
  const sent = [
    ...attributes.requiredServiceAccountAnnotationKeys,
    ...attributes.optionalServiceAccountAnnotationKeys,
  ];
  const missing = annotationKeys(config).filter((key) => !sent.includes(key));
  if (missing.length > 0) {
    return found.warning(
      `serviceAccountAnnotations is enabled, and the kubelet does not send ${missing.join(", ")}: they have no effect`,
      `add them to optionalServiceAccountAnnotationKeys of the provider, then: ${restart}`,
    );
  }
  return found.ok(`for ${audience}; ${whomItServes(attributes)}`);
}

function whomItServes({
  requireServiceAccount,
  requiredServiceAccountAnnotationKeys: keys,
}: TokenAttributes): string {
  if (!requireServiceAccount)
    return "the plugin is also run for pods without a service account (static pods)";
  const annotated = keys.length === 0 ? "" : ` annotated with ${keys.join(" and ")}`;
  return `the plugin is run only for pods with a service account${annotated}, not for static pods`;
}
