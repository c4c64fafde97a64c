/** The group of the plugin API. */
export const plugin = "credentialprovider.kubelet.k8s.io";

/** What a case changes; undefined takes a field away. */
type Changes = Readonly<Record<string, unknown>>;

const provider = {
  name: "acr",
  apiVersion: `${plugin}/v1`,
  matchImages: ["*-registry.*.cr.aliyuncs.com"],
  defaultCacheDuration: "0s",
};
const tokenAttributes = {
  serviceAccountTokenAudience: "sts.aliyuncs.com",
  cacheType: "ServiceAccount",
  requireServiceAccount: true,
};

/** One provider that the kubelet takes, but for the changes. */
export function withProvider(...changes: Changes[]): string {
  return config({ providers: changes.map((change) => ({ ...provider, ...change })) });
}

/** The same with tokenAttributes. */
export function withTokens(changes: Changes, providerChanges: Changes = {}): string {
  return withProvider({ tokenAttributes: { ...tokenAttributes, ...changes }, ...providerChanges });
}

/** A whole config in JSON. */
export function config(changes: Changes): string {
  const begin = { apiVersion: "kubelet.config.k8s.io/v1", kind: "CredentialProviderConfig" };
  return JSON.stringify({ ...begin, providers: [provider], ...changes }, null, 1);
}

const head = "apiVersion: kubelet.config.k8s.io/v1\nkind: CredentialProviderConfig\n";

/** The same in YAML, with more fields or others below the first ones. */
export function yaml(more = "", name = "name: acr"): string {
  return `${head}providers:
  - ${name}
    apiVersion: ${plugin}/v1
    matchImages:
      - "*-registry.*.cr.aliyuncs.com"
    defaultCacheDuration: 0s
${more}`;
}

/** A config that the kubelet refuses; the last is a part of our message, with path and line. */
export type RefusedConfig = readonly [about: string, text: string, message: string];
