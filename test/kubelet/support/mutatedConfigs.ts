import { array, constantFrom, nat, record, sample } from "fast-check";

/** A config as it is written: leaves are JSON or YAML just as they are, and keys may repeat. */
type Tree = string | Tree[] | Mapping;

interface Mapping {
  readonly entries: { key: string; value: Tree }[];
}

const mapping = (fields: Record<string, Tree>): Mapping => ({
  entries: Object.entries(fields).map(([key, value]) => ({ key, value })),
});

const plugin = "credentialprovider.kubelet.k8s.io";

/** Everything that a config can have. */
const valid = (): Tree =>
  mapping({
    apiVersion: '"kubelet.config.k8s.io/v1"',
    kind: '"CredentialProviderConfig"',
    providers: [
      mapping({
        name: '"acr"',
        apiVersion: `"${plugin}/v1"`,
        matchImages: ['"*-registry.*.cr.aliyuncs.com"', '"localhost:5000/team"'],
        defaultCacheDuration: '"1h"',
        args: ['"--config"', '"/etc/config.yaml"'],
        env: [mapping({ name: '"HTTPS_PROXY"', value: '"http://10.0.0.5:3128"' })],
        tokenAttributes: mapping({
          serviceAccountTokenAudience: '"sts.aliyuncs.com"',
          cacheType: '"ServiceAccount"',
          requireServiceAccount: "true",
          requiredServiceAccountAnnotationKeys: ['"example.com/one"'],
          optionalServiceAccountAnnotationKeys: ['"example.com/two"'],
        }),
      }),
      mapping({
        name: '"other"',
        apiVersion: `"${plugin}/v1beta1"`,
        matchImages: ['"example.com"'],
        defaultCacheDuration: '"0s"',
      }),
    ],
  });

const jsonLeaves = [
  ..."null true false 0 -1 1.5e3".split(" "),
  ...["", "a", "a b", "a/b", ".", "..", "acr", "other", "v1", `${plugin}/v1`, `${plugin}/v1beta1`],
  ...["kubelet.config.k8s.io/v1beta1", "KubeletConfiguration", "Token", "ServiceAccount", "true"],
  ...[
    "0s",
    "-1s",
    "1.5h",
    "1",
    ".5m",
    "1h1",
    "1\u00b5s",
    "1\u03bcs",
    "1us",
    "9223372036854775807ns",
    "9223372036854775808ns",
  ],
  ...["example.com/two", "Example.com/Two", "a_b/c", "a.b/c_d", "-a", "a-", "x".repeat(64), "\u212a"],
  ...[
    "a.b:*",
    "a.b:80",
    "a:1:2",
    "a b.c",
    "[::1]",
    "[::1]:1",
    "[x]",
    "a.b/%41",
    "a.b/%4",
    "%41.b",
    "%C3%BC.b",
    "u@a.b",
  ],
  ...[
    "a.b?c#d",
    "a.b\n",
    "a.b#\n",
    "\u0085.b",
    "a\\b",
    "https://a.b",
    "\u00fc.b",
    "a.b:",
    "*",
    '<>".b',
    "^.b",
  ],
].map((leaf, index) => (index < 6 ? leaf : JSON.stringify(leaf)));

const yamlLeaves = [
  ..."~ yes NO on y a a.b 1h 0s -1s 010 0o7 08 0x1F 0b1 1_000 +1 1. .5 1e3 1e999 .inf 2024-01-01 = -".split(
    " ",
  ),
  ..."'a' 'it''s' !!str !!null !!bool !!int !!binary& !foo& &x& *x *none"
    .replaceAll("&", " aGk=")
    .split(/ (?=[!&*'])/),
  ...[
    '"\\x41"',
    '"\\/"',
    "|\n            a",
    ">-\n            a",
    "[a, b]",
    "{a: b}",
    "[a?b]",
    "{name: a}",
    "# c",
  ],
];

const names = [
  "name apiVersion matchImages defaultCacheDuration args env tokenAttributes cacheType value kind Name matchimages",
  "providers metadata requireServiceAccount imagePullSecrets",
].flatMap((line) => line.split(" "));

const operations = ["remove", "replace", "repeat", "rename", "wrap", "move"] as const;
const mutation = record({ at: nat(), to: nat(), operation: constantFrom(...operations), pick: nat() });
type Mutation = typeof mutation extends { generate(...args: never[]): { value: infer Value } }
  ? Value
  : never;

/** Where something is: a list's item or a mapping's entry. */
interface Slot {
  readonly parent: Tree[] | Mapping;
  readonly index: number;
}

function slotsOf(tree: Tree): Slot[] {
  if (typeof tree === "string") return [];
  const children = Array.isArray(tree) ? tree : tree.entries.map(({ value }) => value);
  return children.flatMap((child, index) => [{ parent: tree, index }, ...slotsOf(child)]);
}

const listOf = ({ parent }: Slot): unknown[] => (Array.isArray(parent) ? parent : parent.entries);

function valueAt({ parent, index }: Slot): Tree {
  return (Array.isArray(parent) ? parent[index] : parent.entries[index]?.value) as Tree;
}

function setValue({ parent, index }: Slot, value: Tree): void {
  if (Array.isArray(parent)) parent[index] = value;
  else (parent.entries[index] as { value: Tree }).value = value;
}

function mutate(tree: Tree, { at, to, operation, pick }: Mutation, leaves: readonly string[]): void {
  const slots = slotsOf(tree);
  const slot = slots[at % slots.length];
  const other = slots[to % slots.length];
  if (slot === undefined || other === undefined) return;
  const value = valueAt(slot);
  if (operation === "remove") listOf(slot).splice(slot.index, 1);
  if (operation === "replace") setValue(slot, leaves[pick % leaves.length] as string);
  if (operation === "repeat") listOf(slot).splice(slot.index, 0, structuredClone(listOf(slot)[slot.index]));
  if (operation === "wrap") setValue(slot, Array.isArray(value) ? (value[0] ?? "null") : [value]);
  if (operation === "move") setValue(slot, structuredClone(valueAt(other)));
  if (operation === "rename" && !Array.isArray(slot.parent)) {
    (slot.parent.entries[slot.index] as { key: string }).key = names[pick % names.length] as string;
  }
}

function asJson(tree: Tree): string {
  if (typeof tree === "string") return tree;
  if (Array.isArray(tree)) return `[${tree.map(asJson).join(", ")}]`;
  return `{${tree.entries.map(({ key, value }) => `"${key}": ${asJson(value)}`).join(",\n")}}`;
}

/** In lines below each other, each item on lines of its own. */
function asYaml(tree: Tree, indent = ""): string {
  if (typeof tree === "string") return ` ${tree}\n`;
  const inner = `${indent}  `;
  if (Array.isArray(tree)) {
    const items = tree.map((item) => `${indent}-${asYaml(item, inner)}`);
    return items.length === 0 ? " []\n" : `\n${items.join("")}`;
  }
  const lines = tree.entries.map(({ key, value }) => `${indent}${key}:${asYaml(value, inner)}`);
  return lines.length === 0 ? " {}\n" : `\n${lines.join("")}`;
}

/** Configs with a few things changed that mean something: the same ones for the same seed. */
export function mutatedConfigs(format: "JSON" | "YAML", count: number, seed: number): string[] {
  const leaves = format === "JSON" ? jsonLeaves : [...jsonLeaves, ...yamlLeaves];
  return sample(array(mutation, { maxLength: 3 }), { numRuns: count, seed }).map((mutations) => {
    const tree = valid();
    for (const each of mutations) mutate(tree, each, leaves);
    return format === "JSON" ? asJson(tree) : asYaml(tree).trimStart();
  });
}

const scraps = [
  ..."\t|  |\n|\n\n|\r\n|:|: |- |-|#| #|'|\"|[|]|{|}|,|&a |*a|%|@|`|? |---\n|...\n|<<: |~|null|yes|1|\\|é|=|x".split(
    "|",
  ),
  "|",
  ">",
];
const edit = record({ at: nat(), length: nat({ max: 3 }), scrap: constantFrom("", ...scraps) });

/** As people write it: with comments, in several styles. */
const handwritten = `# The kubelet's config
apiVersion: kubelet.config.k8s.io/v1
kind: CredentialProviderConfig
providers:
  - name: acr
    apiVersion: ${plugin}/v1
    matchImages:
      # Enterprise Edition
      - "*-registry.*.cr.aliyuncs.com"
      - 'registry.*.aliyuncs.com'
      - images.example.com:5000/team
    defaultCacheDuration: "0s"   # the plugin says
    args: [--config, "/etc/config.yaml"]
    env:
      - name: A
        value: "1"
      - {name: B, value: c d}
    tokenAttributes:
      serviceAccountTokenAudience: sts.aliyuncs.com
      cacheType: ServiceAccount
      requireServiceAccount: false
      optionalServiceAccountAnnotationKeys:
        - pod-identity.alibabacloud.com/role-name
  - name: other
    apiVersion: ${plugin}/v1
    matchImages: ["a.example.com"]
    defaultCacheDuration: 10m
    args:
    - >-
      folded
      text
    - |
      literal
`;

/** A config in YAML with a few letters changed: the same ones for the same seed. */
export function editedTexts(count: number, seed: number): string[] {
  return sample(array(edit, { minLength: 1, maxLength: 3 }), { numRuns: count, seed }).map((edits) =>
    edits.reduce((edited, { at, length, scrap }) => {
      const start = at % (edited.length + 1);
      return `${edited.slice(0, start)}${scrap}${edited.slice(start + length)}`;
    }, handwritten),
  );
}
