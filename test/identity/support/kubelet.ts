import { parse } from "yaml";
import { urlsMatch } from "../../../src/kubelet/matchImages/urlsMatch.ts";

/** A pod as far as its image pulls go; static pods have no service account. */
export interface Pod {
  readonly namespace: string;
  readonly serviceAccount?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What the kubelet sends besides the image. */
export interface Sent {
  /** Of the token; undefined: none is sent. */
  readonly audience?: string;
  readonly annotations?: Record<string, string>;
}

interface TokenAttributes {
  serviceAccountTokenAudience: string;
  cacheType?: string;
  requireServiceAccount: boolean;
  requiredServiceAccountAnnotationKeys?: string[];
  optionalServiceAccountAnnotationKeys?: string[];
}

interface Provider {
  name: string;
  apiVersion: string;
  matchImages: string[];
  defaultCacheDuration: string;
  tokenAttributes?: TokenAttributes;
}

const providerFields = [
  "name",
  "apiVersion",
  "matchImages",
  "defaultCacheDuration",
  "args",
  "env",
  "tokenAttributes",
];
const attributeFields = [
  "serviceAccountTokenAudience",
  "cacheType",
  "requireServiceAccount",
  "requiredServiceAccountAnnotationKeys",
  "optionalServiceAccountAnnotationKeys",
];

/**
 * The one provider of a CredentialProviderConfig, checked as a kubelet of 1.34 (`cacheType` known and needed) or 1.33
 * does: k8s.io/kubernetes/pkg/credentialprovider/plugin/config.go. @throws what would keep the kubelet from starting.
 */
export function readProvider(text: string, version: "1.33" | "1.34" = "1.34"): Provider {
  const { apiVersion, kind, providers, ...unknown } = parse(text) as Record<string, unknown>;
  check(apiVersion === "kubelet.config.k8s.io/v1", "apiVersion");
  check(kind === "CredentialProviderConfig", "kind");
  check(Object.keys(unknown).length === 0, "unknown fields");
  check(Array.isArray(providers) && providers.length === 1, "one provider");
  const [provider] = providers as Provider[];
  if (provider === undefined) throw new Error("no provider");
  known(provider, providerFields);
  check(provider.apiVersion === "credentialprovider.kubelet.k8s.io/v1", "the provider's apiVersion");
  check(provider.matchImages.length > 0, "matchImages");
  check(/^\d+s$/.test(provider.defaultCacheDuration), "defaultCacheDuration");
  const { tokenAttributes: attributes } = provider;
  if (attributes === undefined) return provider;
  known(attributes, attributeFields);
  const { requiredServiceAccountAnnotationKeys: required = [], requireServiceAccount } = attributes;
  check(/./.test(attributes.serviceAccountTokenAudience), "serviceAccountTokenAudience");
  check(typeof requireServiceAccount === "boolean", "requireServiceAccount");
  check(required.length === 0 || requireServiceAccount, "required annotations without requireServiceAccount");
  const cacheTypes: (string | undefined)[] = version === "1.33" ? [undefined] : ["ServiceAccount", "Token"];
  check(cacheTypes.includes(attributes.cacheType), "cacheType");
  return provider;
}

/** What the kubelet sends to the plugin for a pod's image; undefined: it does not run the plugin. */
export function sentFor(provider: Provider, image: string, pod: Pod): Sent | undefined {
  if (!provider.matchImages.some((pattern) => urlsMatch(pattern, image))) return undefined;
  const { tokenAttributes: attributes } = provider;
  if (attributes === undefined) return {};
  if (pod.serviceAccount === undefined) return attributes.requireServiceAccount ? undefined : {};
  const { requiredServiceAccountAnnotationKeys: required = [] } = attributes;
  const keys = annotationKeysOf(provider);
  const { annotations: own = {} } = pod;
  if (required.some((key) => own[key] === undefined)) return undefined;
  const annotations = Object.fromEntries(Object.entries(own).filter(([key]) => keys.includes(key)));
  return { audience: attributes.serviceAccountTokenAudience, annotations };
}

/** The annotations that the kubelet passes on. */
export function annotationKeysOf({ tokenAttributes: attributes }: Provider): string[] {
  const { requiredServiceAccountAnnotationKeys: required = [] } = attributes ?? {};
  return [...required, ...(attributes?.optionalServiceAccountAnnotationKeys ?? [])];
}

function known(object: object, fields: readonly string[]): void {
  for (const field of Object.keys(object)) check(fields.includes(field), `unknown field ${field}`);
}

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(`CredentialProviderConfig: ${what}`);
}
