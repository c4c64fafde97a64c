import { type RefusedConfig, withProvider, yaml } from "./configTexts.ts";

/** Texts that the kubelet cannot read, or that are not a config. */
export const refusedTexts: readonly RefusedConfig[] = [
  ["nothing", "", "line 1: is empty: begin with"],
  ["a comment and nothing else", "# soon\n", "line 1: is empty: begin with"],
  ["a list", "- a\n", "line 1: is not a mapping of keys"],
  ["text", "CredentialProviderConfig", "line 1: is not a mapping of keys"],
  ["a list in JSON", "[]", "line 1: is not a mapping of keys"],
  [
    "a comment in JSON",
    `{ // c\n${withProvider({}).slice(1)}`,
    "line 1: is not valid JSON, which its first { promises: JSON has no comments",
  ],
  [
    "a comma too many in JSON",
    withProvider({}).replace(/\n\}$/, ",\n}"),
    "is not valid JSON, which its first { promises: a key in quotes is missing",
  ],
  [
    "YAML in braces",
    "{apiVersion: kubelet.config.k8s.io/v1}",
    "line 1: is not valid JSON, which its first { promises",
  ],
  ["two JSON values", `${withProvider({})}{}`, "something follows the closing }"],
  ["JSON that is cut off", withProvider({}).slice(0, -4), "is not valid JSON"],
  ["a line break in a JSON text", withProvider({}).replace("acr", "a\ncr"), "a text has a line break in it"],
  ["an unquoted star", yaml().replace(/"(.*aliyuncs.com)"/, "$1"), "line 7: a * begins a YAML alias"],
  ["a tab that indents", yaml("\targs: [a]\n"), "line 9: "],
  [
    "a tab behind a dash",
    yaml("    args:\n      -\ta\n"),
    "line 10: has a tab where the kubelet's YAML needs spaces",
  ],
  ["a tab before a comment", yaml("\t# c\n"), "line 9: has a tab where the kubelet's YAML needs spaces"],
  ["a question mark in brackets", yaml("    args: [http://a/?b]\n"), "line 9: has a ? or : in brackets"],
  [
    "a backslash before the last quote",
    yaml('    args:\n      - "C:\\\\dir\\"\n    env: [{name: "A"}]\n'),
    "has a text that ends with",
  ],
  ["half a pair of escapes", yaml('    args: ["\\ud83d\\ude00"]\n'), "line 9: has half a pair"],
  ["a slash with a backslash", yaml('    args: ["a\\/b"]\n'), 'line 9: has "\\/"'],
  ["an anchor that is not there", yaml("    args: *none\n"), "line 9: a * begins a YAML alias"],
  ["an anchor within itself", yaml("    args: &a [*a]\n"), "the YAML anchor a contains itself"],
  ["a merge of text", yaml("    <<: text\n"), "line 9: << takes a mapping"],
  ["a tag that does not fit", yaml("    args: [!!int x]\n"), "line 9: is not what its YAML tag says"],
  ["YAML 1.2", `%YAML 1.2\n---\n${yaml()}`, "line 1: asks for YAML 1.2"],
  ["an empty first document", `---\n---\n${yaml()}`, "line 1: the first YAML document is empty"],
  ["a control character", yaml("    args: [a\u0001]\n"), "line 9: has a control character"],
  ["slipped indentation", yaml("   args: [a]\n"), "line 9: "],
  ["a missing space after a colon", yaml("    args:[a]\n"), "line 9: "],
];
