import { plugin, type RefusedConfig, withProvider, withTokens } from "./configTexts.ts";

/** Configs whose tokenAttributes the kubelet does not take. */
export const refusedTokens: readonly RefusedConfig[] = [
  [
    "tokens without a cache type",
    withTokens({ cacheType: undefined }),
    "providers[0].tokenAttributes.cacheType: is missing: write ServiceAccount",
  ],
  [
    "an unknown cache type",
    withTokens({ cacheType: "Pod" }),
    'providers[0].tokenAttributes.cacheType: is "Pod"',
  ],
  [
    "no audience",
    withTokens({ serviceAccountTokenAudience: "" }),
    "providers[0].tokenAttributes.serviceAccountTokenAudience: is missing",
  ],
  [
    "not saying whether an account is required",
    withTokens({ requireServiceAccount: null }),
    "requireServiceAccount: is missing: write true or false",
  ],
  [
    "true in quotes",
    withTokens({ requireServiceAccount: "true" }),
    "requireServiceAccount: is text: write true or false, without quotes",
  ],
  [
    "required annotations of no account",
    withTokens({ requireServiceAccount: false, requiredServiceAccountAnnotationKeys: ["a"] }),
    "requiredServiceAccountAnnotationKeys: goes with requireServiceAccount: true only",
  ],
  [
    "a key that is not one",
    withTokens({ optionalServiceAccountAnnotationKeys: ["a/b/c"] }),
    'optionalServiceAccountAnnotationKeys[0]: "a/b/c" is not the key',
  ],
  [
    "a key with an underscore in its prefix",
    withTokens({ optionalServiceAccountAnnotationKeys: ["a_b/c"] }),
    'optionalServiceAccountAnnotationKeys[0]: "a_b/c" is not the key',
  ],
  [
    "a key of 64 letters",
    withTokens({ optionalServiceAccountAnnotationKeys: ["a".repeat(64)] }),
    "is not the key",
  ],
  [
    "a key twice",
    withTokens({ requiredServiceAccountAnnotationKeys: ["a", "a"] }),
    'requiredServiceAccountAnnotationKeys[1]: "a" appears here a second time',
  ],
  [
    "a key required and optional",
    withTokens({
      requiredServiceAccountAnnotationKeys: ["a"],
      optionalServiceAccountAnnotationKeys: ["b", "a"],
    }),
    'optionalServiceAccountAnnotationKeys[1]: "a" is among the required keys',
  ],
  [
    "tokens with the plugin API v1beta1",
    withTokens({}, { apiVersion: `${plugin}/v1beta1` }),
    `providers[0].tokenAttributes: goes with apiVersion: ${plugin}/v1 only`,
  ],
  [
    "tokens in a file of v1beta1",
    withTokens({}).replace("k8s.io/v1", "k8s.io/v1beta1"),
    "providers[0].tokenAttributes: only kubelet.config.k8s.io/v1 has this field",
  ],
  [
    "empty tokenAttributes",
    withProvider({ tokenAttributes: {} }),
    "tokenAttributes.serviceAccountTokenAudience: is missing",
  ],
];
