import type { Path } from "../../config/problem.ts";
import { quoted } from "../../text/foreignText.ts";
import type { KubeletRelease } from "../kubeletRelease.ts";
import { parseSchemelessUrl } from "../matchImages/schemelessUrl.ts";
import type { DecodedProvider, DecodedTokenAttributes } from "./decodeConfig.ts";

export interface ValidationRules {
  readonly release: KubeletRelease;
  /** The feature gate KubeletServiceAccountTokenForCredentialProviders. */
  readonly serviceAccountTokens: boolean;
}

/** Hears of what is wrong; the path begins below the provider. */
type Report = (path: Path, message: string) => void;

const GROUP = "credentialprovider.kubelet.k8s.io";

/** The first Kubernetes that is built with Go 1.26, whose net/url refuses a second colon in a host. */
const STRICT_COLONS_SINCE = 36;

/**
 * The rules by which the kubelet refuses one decoded provider: validateCredentialProviderConfig of
 * k8s.io/kubernetes/pkg/credentialprovider/plugin/config.go, and that its name may not be empty, with which the kubelet
 * would take the bin directory for the executable.
 */
export function validateProvider(provider: DecodedProvider, rules: ValidationRules, report: Report): void {
  checkName(provider.name, report);
  checkApiVersion(provider.apiVersion, rules.release, report);
  checkMatchImages(provider.matchImages, rules.release, report);
  const { defaultCacheDuration, tokenAttributes } = provider;
  if (defaultCacheDuration === undefined) {
    report(["defaultCacheDuration"], 'is missing: write "0s" or more');
  } else if (defaultCacheDuration < 0) {
    report(["defaultCacheDuration"], 'is negative: write "0s" or more');
  }
  if (tokenAttributes !== undefined) {
    const reportBelow: Report = (path, message) => report(["tokenAttributes", ...path], message);
    checkUseOfTokens(provider.apiVersion, rules, reportBelow);
    checkTokenAttributes(tokenAttributes, rules, reportBelow);
  }
}

function checkName(name: string, report: Report): void {
  if (name === "") report(["name"], "is missing: write the name of the executable in the bin directory");
  if (/[/ ]/.test(name) || name === "." || name === "..") {
    const message = "is not the name of an executable: write one without a path and without spaces";
    report(["name"], `${quoted(name)} ${message}`);
  }
}

function checkApiVersion(apiVersion: string, { api, name }: KubeletRelease, report: Report): void {
  const versions = api === "v1" ? ["v1", "v1beta1", "v1alpha1"] : ["v1beta1", "v1alpha1"];
  const known = versions.map((version) => `${GROUP}/${version}`);
  if (apiVersion === "") {
    report(["apiVersion"], `is missing: write ${GROUP}/${api}`);
  } else if (!known.includes(apiVersion)) {
    report(["apiVersion"], `is ${quoted(apiVersion)}: Kubernetes ${name} knows ${known.join(", ")}`);
  }
}

function checkMatchImages(patterns: readonly string[], { minor }: KubeletRelease, report: Report): void {
  if (patterns.length === 0) report(["matchImages"], "is missing or empty: write at least one pattern");
  for (const [index, pattern] of patterns.entries()) {
    const url = parseSchemelessUrl(pattern, minor >= STRICT_COLONS_SINCE);
    if ("refused" in url) {
      report(["matchImages", index], `${quoted(pattern)} is not a pattern: ${url.refused}`);
    }
  }
}

function checkUseOfTokens(
  apiVersion: string,
  { release, serviceAccountTokens }: ValidationRules,
  report: Report,
): void {
  if (!serviceAccountTokens) {
    const gate = "KubeletServiceAccountTokenForCredentialProviders";
    const state = release.tokens === "alpha" ? "which is off by default in 1.33" : "which is switched off";
    report([], `needs the kubelet's feature gate ${gate}, ${state}`);
  }
  if (apiVersion !== "" && apiVersion !== `${GROUP}/v1`) {
    report([], `goes with apiVersion: ${GROUP}/v1 only`);
  }
}

function checkTokenAttributes(
  attributes: DecodedTokenAttributes,
  { release }: ValidationRules,
  report: Report,
): void {
  const { serviceAccountTokenAudience, cacheType, requireServiceAccount } = attributes;
  const required = attributes.requiredServiceAccountAnnotationKeys;
  const optional = attributes.optionalServiceAccountAnnotationKeys;
  if (serviceAccountTokenAudience === "") {
    report(["serviceAccountTokenAudience"], "is missing: write the audience, sts.aliyuncs.com for RAM");
  }
  if (requireServiceAccount === undefined) {
    report(["requireServiceAccount"], "is missing: write true or false");
  } else if (!requireServiceAccount && required.length > 0) {
    report(["requiredServiceAccountAnnotationKeys"], "goes with requireServiceAccount: true only");
  }
  checkAnnotationKeys("requiredServiceAccountAnnotationKeys", required, report);
  checkAnnotationKeys("optionalServiceAccountAnnotationKeys", optional, report);
  const isRequired = new Set(required);
  for (const [index, key] of optional.entries()) {
    if (!isRequired.has(key)) continue;
    const message = `${quoted(key)} is among the required keys as well: keep one`;
    report(["optionalServiceAccountAnnotationKeys", index], message);
  }
  if (release.tokens === "beta" && cacheType !== "Token" && cacheType !== "ServiceAccount") {
    const what = cacheType === "" ? "is missing" : `is ${quoted(cacheType)}`;
    report(
      ["cacheType"],
      `${what}: write ServiceAccount, or Token where an answer is good for one token only`,
    );
  }
}

function checkAnnotationKeys(field: string, keys: readonly string[], report: Report): void {
  const seen = new Set<string>();
  for (const [index, key] of keys.entries()) {
    if (!isAnnotationKey(key)) report([field, index], `${quoted(key)} is not the key of an annotation`);
    else if (seen.has(key)) report([field, index], `${quoted(key)} appears here a second time: keep one`);
    seen.add(key);
  }
}

/** IsQualifiedName of k8s.io/apimachinery/pkg/util/validation, without regard to case. */
function isAnnotationKey(key: string): boolean {
  const parts = key.toLowerCase().split("/");
  const name = parts.pop() ?? "";
  if (parts.length > 1 || name.length > 63 || !/^([a-z0-9][-\w.]*)?[a-z0-9]$/.test(name)) return false;
  const [prefix = "a"] = parts;
  const label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
  return prefix.length <= 253 && new RegExp(`^${label}(\\.${label})*$`).test(prefix);
}
