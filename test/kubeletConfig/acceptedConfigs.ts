import { config, plugin, withProvider, withTokens, yaml } from "./configTexts.ts";

/** Configs with which a kubelet of 1.34 and later starts. */
export const acceptedConfigs: readonly (readonly [about: string, text: string])[] = [
  ["the least, as JSON", withProvider({})],
  ["the least, as YAML", yaml()],
  ["the version v1beta1", config({ apiVersion: "kubelet.config.k8s.io/v1beta1" })],
  ["the version v1alpha1", config({ apiVersion: "kubelet.config.k8s.io/v1alpha1" })],
  ["the plugin API v1beta1", withProvider({ apiVersion: `${plugin}/v1beta1` })],
  ["the plugin API v1alpha1", withProvider({ apiVersion: `${plugin}/v1alpha1` })],
  [
    "everything, with tokens",
    withTokens({ optionalServiceAccountAnnotationKeys: ["pod-identity.alibabacloud.com/role-name"] }),
  ],
  ["required annotations", withTokens({ requiredServiceAccountAnnotationKeys: ["a/b", "A/b", "c"] })],
  ["a token for each pod", withTokens({ cacheType: "Token", requireServiceAccount: false })],
  [
    "arguments and environment, repeated",
    withProvider({
      args: ["--a", "--a", ""],
      env: [
        { name: "A", value: "1" },
        { name: "A", value: "" },
      ],
    }),
  ],
  ["an environment variable without a value", withProvider({ env: [{ name: "A" }, {}] })],
  ["null for what is not required", withProvider({ args: null, env: null, tokenAttributes: null })],
  ["null for a pattern and an argument", withProvider({ matchImages: [null], args: [null] })],
  ["a pattern that can never match", withProvider({ matchImages: ["registry.cn-hangzhou.aliyuncs.com/*"] })],
  [
    "a pattern with a port and a path",
    withProvider({ matchImages: ["localhost:5000/a", "b:", "[::1]:80/x?y"] }),
  ],
  ["an empty pattern", withProvider({ matchImages: [""] })],
  ["a pattern with percent signs for letters", withProvider({ matchImages: ["a%C3%BC.example.com/%2f"] })],
  ["a pattern with a user", withProvider({ matchImages: ["user:secret@example.com"] })],
  ["a pattern with a line break in its fragment", withProvider({ matchImages: ["example.com#a\nb"] })],
  ["a duration in parts", withProvider({ defaultCacheDuration: "1h2m3.5s4ms5us6ns" })],
  ["a duration of nothing", withProvider({ defaultCacheDuration: "-0" })],
  ["two providers", withProvider({}, { name: "other" })],
  ["a name with other signs", withProvider({ name: "acr", args: ["ü", "\u0000", "\ud800"] })],
  [
    "comments, an anchor and a merge",
    `# c\n${yaml("    env: &e [{name: A, value: b}]\n", "<<: {args: [x]}\n    name: acr")}`,
  ],
  [
    "an alias",
    yaml(
      "    args: &a [x, z]\n  - name: other\n    apiVersion: credentialprovider.kubelet.k8s.io/v1\n    matchImages: *a\n    defaultCacheDuration: 1m\n",
    ),
  ],
  ["a second YAML document, which no one reads", `${yaml()}---\nnonsense: true\n`],
  ["a YAML directive", `%YAML 1.1\n---\n${yaml()}`],
  [
    "yes for true",
    yaml(
      "    tokenAttributes:\n      serviceAccountTokenAudience: a\n      cacheType: Token\n      requireServiceAccount: yes\n",
    ),
  ],
  ["a date for an argument", yaml("    args: [2024-01-01, 1.2.3.4, 1e999, 0xg, =]\n")],
  ["block scalars", yaml("    args:\n      - |\n        a\n          b\n      - >-\n        c\n        d\n")],
  ["explicit tags", yaml("    args: [!!str 1, !foo x, !!binary aGk=]\n")],
  ["Windows line ends", yaml("    args: [a]\n").replaceAll("\n", "\r\n")],
  ["a byte order mark", `\ufeff${yaml()}`],
  ["a comment right behind a value in quotes", yaml('    args: ["a"]# c\n')],
  ["a closing bracket at its key's column", yaml("    args: [\n      a\n    ]\n")],
];
