import { config, plugin, type RefusedConfig, withProvider, withTokens, yaml } from "./configTexts.ts";

/** Configs with fields that the kubelet does not take. */
export const refusedFields: readonly RefusedConfig[] = [
  ["no kind", config({ kind: undefined }), "line 1: kind: is missing: begin with"],
  ["another kind", config({ kind: "KubeletConfiguration" }), 'line 3: kind: is "KubeletConfiguration"'],
  [
    "the plugin's own config",
    "apiVersion: aliyun-acr-credential-provider/v1\nkind: ProviderConfig\n",
    'line 2: kind: is "ProviderConfig": this is the plugin\'s own config',
  ],
  [
    "no version",
    config({ apiVersion: undefined }),
    "line 1: apiVersion: is missing: Kubernetes 1.34 knows kubelet.config.k8s.io/v1",
  ],
  [
    "a later version",
    config({ apiVersion: "kubelet.config.k8s.io/v2" }),
    'line 2: apiVersion: is "kubelet.config.k8s.io/v2"',
  ],
  [
    "the plugin API's version for the file's",
    config({ apiVersion: `${plugin}/v1` }),
    "line 2: apiVersion: is",
  ],
  ["a kind that is not text", config({ kind: 5 }), "kind: is not text"],
  ["no providers", config({ providers: undefined }), "providers: is missing or empty"],
  ["an empty list of providers", config({ providers: [] }), "providers: is missing or empty"],
  [
    "providers that are not a list",
    config({ providers: {} }),
    "line 4: providers: is a mapping: the kubelet wants a list",
  ],
  ["a provider that is null", config({ providers: [null] }), "line 5: providers[0].name: is missing"],
  [
    "a provider that is text",
    config({ providers: ["acr"] }),
    "line 5: providers[0]: is text: the kubelet wants a mapping of name",
  ],
  [
    "an unknown field of the file",
    config({ metadata: {} }),
    "metadata: is a field that the kubelet does not know: it knows apiVersion",
  ],
  [
    "an unknown field",
    withProvider({ cacheDuration: "5m" }),
    "line 12: providers[0].cacheDuration: is a field that the kubelet does not know",
  ],
  [
    "a mistyped field",
    withProvider({ matchImage: ["a"] }),
    "providers[0].matchImage: is a field that the kubelet does not know: write matchImages",
  ],
  [
    "a field in another case",
    withProvider({ Args: [] }),
    "providers[0].Args: is a field that the kubelet does not know: write args",
  ],
  [
    "an unknown field of a variable",
    withProvider({ env: [{ name: "A", valueFrom: {} }] }),
    "providers[0].env[0].valueFrom: is a field",
  ],
  [
    "an unknown field of tokenAttributes",
    withTokens({ audience: "a" }),
    "providers[0].tokenAttributes.audience: is a field",
  ],
  [
    "a repeated field",
    yaml("    defaultCacheDuration: 1m\n"),
    "line 9: providers[0].defaultCacheDuration: appears here a second time",
  ],
  [
    "a repeated field in JSON",
    withProvider({}).replace('"name"', '"name": "x", "name"'),
    "line 6: providers[0].name: appears here a second time",
  ],
  [
    "a repeated field by a merge",
    yaml("    <<: {name: other}\n"),
    "line 9: providers[0].name: appears here a second time",
  ],
  ["a repeated field of an unknown one", yaml("    a: 1\n    a: 2\n"), "line 9: providers[0].a: is a field"],
  ["no name", withProvider({ name: undefined }), "line 5: providers[0].name: is missing"],
  ["an empty name", withProvider({ name: "" }), "line 6: providers[0].name: is missing"],
  [
    "a path for a name",
    withProvider({ name: "bin/acr" }),
    'providers[0].name: "bin/acr" is not the name of an executable',
  ],
  ["a space in a name", withProvider({ name: "acr provider" }), "providers[0].name: "],
  ["a dot for a name", withProvider({ name: "." }), 'providers[0].name: "." is not the name'],
  ["two dots for a name", withProvider({ name: ".." }), 'providers[0].name: ".." is not the name'],
  [
    "a number for a name",
    withProvider({ name: 5 }),
    "line 6: providers[0].name: is a number: put it in quotes",
  ],
  [
    "one name twice",
    withProvider({}, {}),
    "line 14: providers[1].name: is the name of the provider in line 5 as well",
  ],
  [
    "no plugin API version",
    withProvider({ apiVersion: undefined }),
    `providers[0].apiVersion: is missing: write ${plugin}/v1`,
  ],
  [
    "an unknown plugin API version",
    withProvider({ apiVersion: `${plugin}/v2` }),
    "line 7: providers[0].apiVersion: is",
  ],
  ["the version alone", withProvider({ apiVersion: "v1" }), 'providers[0].apiVersion: is "v1"'],
  [
    "no patterns",
    withProvider({ matchImages: undefined }),
    "line 5: providers[0].matchImages: is missing or empty",
  ],
  [
    "an empty list of patterns",
    withProvider({ matchImages: [] }),
    "line 8: providers[0].matchImages: is missing or empty",
  ],
  [
    "a pattern without a list",
    withProvider({ matchImages: "a.b" }),
    "providers[0].matchImages: is text: the kubelet wants a list",
  ],
  [
    "a pattern that is a number",
    withProvider({ matchImages: [1] }),
    "line 9: providers[0].matchImages[0]: is a number",
  ],
  [
    "a star for a port",
    withProvider({ matchImages: ["a.b:*"] }),
    'line 9: providers[0].matchImages[0]: "a.b:*" is not a pattern: what follows its colon',
  ],
  [
    "a space in a pattern",
    withProvider({ matchImages: ["ok.example", "a b"] }),
    'line 10: providers[0].matchImages[1]: "a b" is not a pattern: no host has the character " "',
  ],
  [
    "a line break in a pattern",
    withProvider({ matchImages: ["a.b\n"] }),
    "is not a pattern: it holds a control character",
  ],
  ["a broken percent sign", withProvider({ matchImages: ["a.b/%zz"] }), "is not a pattern: a % in it"],
  [
    "a percent sign in a host",
    withProvider({ matchImages: ["a%41.b"] }),
    "is not a pattern: no host has the character",
  ],
  [
    "brackets around no address",
    withProvider({ matchImages: ["[a]"] }),
    "is not a pattern: what stands in its brackets",
  ],
  [
    "no cache duration",
    withProvider({ defaultCacheDuration: undefined }),
    "providers[0].defaultCacheDuration: is missing",
  ],
  [
    "a negative duration",
    withProvider({ defaultCacheDuration: "-1s" }),
    "providers[0].defaultCacheDuration: is negative",
  ],
  ["a duration without a unit", withProvider({ defaultCacheDuration: "10" }), '"10" is not a duration'],
  [
    "a duration that is a number",
    withProvider({ defaultCacheDuration: 0 }),
    "providers[0].defaultCacheDuration: is a number",
  ],
  ["a duration in days", withProvider({ defaultCacheDuration: "1d" }), '"1d" is not a duration'],
  ["a duration of 300 years", withProvider({ defaultCacheDuration: "2628000h" }), "is not a duration"],
  [
    "an argument that is a number",
    yaml("    args: [--retries, 3]\n"),
    "line 9: providers[0].args[1]: is a number: put it in quotes",
  ],
  [
    "an argument that is a word for true",
    yaml("    args: [y]\n"),
    "line 9: providers[0].args[0]: is true or false (as yes",
  ],
  ["a number with underscores", yaml("    args: [1_000]\n"), "providers[0].args[0]: is a number"],
  [
    "arguments that are text",
    withProvider({ args: "--config /a" }),
    "providers[0].args: is text: the kubelet wants a list",
  ],
  [
    "a variable that is text",
    withProvider({ env: ["A=b"] }),
    "providers[0].env[0]: is text: the kubelet wants a mapping of name, value",
  ],
  [
    "variables as a mapping",
    withProvider({ env: { A: "b" } }),
    "providers[0].env: is a mapping: the kubelet wants a list",
  ],
  [
    "a variable with a number",
    withProvider({ env: [{ name: "A", value: 1 }] }),
    "providers[0].env[0].value: is a number: put it in quotes",
  ],
];
