import { span } from "../../text/span.ts";
import type { AskedEndpoint } from "./askedEndpoints.ts";
import type { Explanation } from "./explanation.ts";

/** The explanation for a person: one line a fact. */
export function explanationText(explanation: Explanation): string {
  const { registry, endpoints, reason } = explanation;
  const lines: [string, string | undefined][] = [
    ["image", explanation.image],
    ["host", explanation.host],
    ...explanation.considered.map(({ candidate, chosen, reason: why }): [string, string] => [
      "considered",
      `${candidate}: ${chosen ? "chosen" : "passed over"}: ${why}`,
    ]),
    ["registry", registry && registryText(registry)],
    [
      "region",
      registry && (registry.regionId === "" ? "not needed" : `${registry.regionId}, by ${registry.regionBy}`),
    ],
    ["network", endpoints && registry && networkText(registry.network)],
    ["STS", endpoints && inOrder(endpoints, "STS")],
    ["ACR", endpoints && inOrder(endpoints, "ACR")],
    ...(endpoints ?? []).map((endpoint): [string, string] => ["proxy", proxyText(endpoint)]),
    ["access", explanation.access],
    ["annotations", explanation.annotations],
    ["identity", explanation.identity],
    ["cache", explanation.cache],
    ...explanation.calls.map(({ api, endpoint, status, code, requestId, ms }): [string, string] => [
      "called",
      [
        api,
        `at ${endpoint}`,
        status && `HTTP ${status}`,
        code,
        requestId && `request id ${requestId}`,
        `${ms} ms`,
      ]
        .filter(Boolean)
        .join(", "),
    ]),
    ...explanation.warnings.map((warning): [string, string] => ["warning", warning]),
    ["outcome", outcomeText(explanation)],
    ["reason", reason && `${reason.message} (code ${reason.code})`],
    ["remedy", reason?.remedy],
    ["token", explanation.tokenCommand && `${explanation.tokenCommand}, then --token-file FILE --fetch`],
    ["keep for", keepText(explanation)],
  ];
  const known = lines.filter((line): line is [string, string] => line[1] !== undefined);
  return `${known.map(([name, text]) => `${name.padEnd(12)}${text}`).join("\n")}\n`;
}

function registryText({
  edition,
  instanceId,
  instanceName,
  regionId,
  origin,
}: NonNullable<Explanation["registry"]>): string {
  const name = instanceName === undefined ? "" : ` (${instanceName})`;
  const what =
    edition === "personal" ? "Personal Edition" : `Enterprise Edition instance ${instanceId}${name}`;
  return `${what} in ${regionId || "no known region"}, by ${origin}`;
}

function networkText(network: NonNullable<Explanation["registry"]>["network"]): string {
  switch (network) {
    case "vpcFirst":
      return "auto: the host leads into the VPC, so its API endpoint is asked first";
    case "auto":
      return "auto: the host does not lead into the VPC by its form, so the public API endpoint is asked first";
    case "vpc":
    case "public":
      return `${network}, as configured`;
  }
}

/** An API's endpoints in the order in which they are tried; undefined where it is not asked. */
function inOrder(endpoints: readonly AskedEndpoint[], api: AskedEndpoint["api"]): string | undefined {
  const urls = endpoints.filter((endpoint) => endpoint.api === api).map(({ url }) => url);
  return urls.length === 0 ? undefined : urls.join(", then ");
}

function proxyText({ url, proxy, proxyReason }: AskedEndpoint): string {
  if (proxy !== undefined) return `${url}: through ${proxy} (${proxyReason})`;
  const here = proxyReason.endsWith("is not set") ? " here; the kubelet has its own environment" : "";
  return `${url}: none (${proxyReason}${here})`;
}

function keepText({ outcome, cacheDurationSeconds }: Explanation): string | undefined {
  if (cacheDurationSeconds !== undefined) return `${cacheDurationSeconds}s (cacheDuration)`;
  return outcome === "wouldAsk"
    ? "the life of the token that it gets, less expiringThreshold (cacheDuration)"
    : undefined;
}

function outcomeText({ outcome, tokenSecondsLeft = 0 }: Explanation): string {
  switch (outcome) {
    case "credentials":
      return "credentials";
    case "fixedCredentials":
      return "fixed credentials of this node; whether the registry takes them is not known";
    case "cachedToken":
      return `cached token, ${span(tokenSecondsLeft * 1000)} left`;
    case "wouldAsk":
      return "would ask for a token (--fetch tries it)";
    case "notOurs":
      return "not a registry of this config: the kubelet gets no credentials";
    case "refused":
      return "refused";
    case "failed":
      return "failed";
    case "unknown":
      return "unknown without asking the network (--fetch asks)";
  }
}
