import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Pair, Scalar, visit } from "yaml";
import { type ConfigEntry, type ConfigTree, MAX_DEPTH } from "./configTree.ts";
import { resolveScalar } from "./yamlScalar.ts";

/** More than any config has; far fewer than a bomb of aliases makes. */
const MAX_VALUES = 100_000;

const TOO_DEEP = "is nested more deeply than any config of the kubelet";

/** What the kubelet's decoder does not take although it is YAML. */
export class Refused extends Error {
  readonly line: number;
  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

type LineAt = (offset: number) => number;

/**
 * The value of a document's contents as go.yaml.in/yaml/v2 decodes it: aliases followed, merge keys (`<<`) replaced by
 * what they merge. Repeated keys stay, also where one comes by a merge: its strict mode refuses both.
 * @param text the file, from which the contents come. `lineAt` has the 1-based line of an offset in it.
 * @throws Refused
 */
export function treeOf(contents: Node | null, text: string, lineAt: LineAt): ConfigTree {
  const targets = resolveAliases(contents, lineAt);
  const counts = { values: 0, aliased: 0, aliasDepth: 0 };
  return convert(contents, 0, { text, targets, lineAt, open: new Set(), ...counts });
}

/** An alias stands for the last anchor of its name before it. YAML 1.1 has no other names than these. */
function resolveAliases(contents: Node | null, lineAt: LineAt): Map<Alias, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  visit(contents, {
    Node(_, node, path) {
      const line = lineAt(node.range?.[0] ?? 0);
      if (path.length > 2 * MAX_DEPTH) throw new Refused(TOO_DEEP, line);
      if (isAlias(node)) {
        const target = anchors.get(node.source);
        if (target === undefined || !/^[\w-]+$/.test(node.source)) {
          throw new Refused("a * begins a YAML alias: put the text in quotes", line);
        }
        targets.set(node, target);
      } else if (node.anchor !== undefined) {
        if (!/^[\w-]+$/.test(node.anchor)) {
          throw new Refused("an & begins a YAML anchor: put the text in quotes", line);
        }
        anchors.set(node.anchor, node);
      }
    },
  });
  return targets;
}

interface Conversion {
  readonly text: string;
  readonly targets: ReadonlyMap<Alias, Node>;
  readonly lineAt: LineAt;
  /** What go.yaml.in/yaml/v2 counts to find a document that is mostly aliases. */
  values: number;
  aliased: number;
  aliasDepth: number;
  /** Aliases that are being followed. */
  readonly open: Set<Node>;
}

function convert(node: Node | null, depth: number, state: Conversion, line = 1): ConfigTree {
  if (node === null) return { kind: "null", line };
  const at = state.lineAt(node.range?.[0] ?? 0);
  count(state, at);
  if (depth > MAX_DEPTH) throw new Refused(TOO_DEEP, at);
  if (isAlias(node)) return followAlias(node, state, at, (target) => convert(target, depth + 1, state));
  if (isScalar(node)) return convertScalar(node, state.text, at);
  if (isMap(node)) return { kind: "object", entries: entriesOf(node.items, depth, state), line: at };
  if (isSeq(node)) {
    const items = node.items.map((item) => convert(item as Node | null, depth + 1, state, at));
    return { kind: "list", items, line: at };
  }
  throw new Refused("holds something that is neither a mapping nor a list nor a value", at);
}

/** The limits of `unmarshal` in go.yaml.in/yaml/v2 (decode.go) below 400,000 values, and our own. */
function count(state: Conversion, line: number): void {
  state.values++;
  if (state.aliasDepth > 0) state.aliased++;
  const { values, aliased } = state;
  if (values > 1000 && aliased > 100 && aliased / values > 0.99) {
    throw new Refused("consists of YAML aliases almost entirely", line);
  }
  if (values > MAX_VALUES) throw new Refused("holds more values than any config of the kubelet", line);
}

function followAlias<Result>(
  alias: Alias,
  state: Conversion,
  line: number,
  follow: (target: Node) => Result,
): Result {
  const target = state.targets.get(alias);
  if (target === undefined || state.open.has(target)) {
    throw new Refused(`the YAML anchor ${alias.source} contains itself`, line);
  }
  state.open.add(target);
  state.aliasDepth++;
  const result = follow(target);
  state.aliasDepth--;
  state.open.delete(target);
  return result;
}

function convertScalar(node: Scalar, file: string, line: number): ConfigTree {
  const isPlain = node.type === Scalar.PLAIN;
  const scalar = resolveScalar(sourceOf(node, file), isPlain, node.tag);
  if (scalar === undefined) throw new Refused("is not what its YAML tag says: remove the tag", line);
  return { ...scalar, line };
}

/** The library ends a block scalar with a line break where the file ends without one. */
function sourceOf({ source = "", type, range }: Scalar, file: string): string {
  const isBlock = type === Scalar.BLOCK_LITERAL || type === Scalar.BLOCK_FOLDED;
  const endsFile = isBlock && range?.[1] === file.length && !file.endsWith("\n");
  return endsFile ? source.replace(/\n$/, "") : source;
}

function entriesOf(pairs: readonly Pair[], depth: number, state: Conversion): ConfigEntry[] {
  return pairs.flatMap(({ key, value }) => {
    const keyNode = isAlias(key) ? state.targets.get(key) : key;
    const line = state.lineAt((key as Node | null)?.range?.[0] ?? 0);
    if (isMergeKey(key)) return merged(value as Node | null, depth, state, line);
    count(state, line);
    if (keyNode !== null && !isScalar(keyNode)) throw new Refused("a key is a mapping or a list", line);
    const converted = convert(value as Node | null, depth + 1, state, line);
    return [{ key: keyNode?.source ?? "", line, value: converted }];
  });
}

function isMergeKey(key: unknown): boolean {
  if (!isScalar(key) || key.source !== "<<") return false;
  return key.tag === undefined ? key.type === Scalar.PLAIN : key.tag === "tag:yaml.org,2002:merge";
}

/** The entries that `<<` takes over from a mapping or a list of mappings, the last one first as the decoder does. */
function merged(value: Node | null, depth: number, state: Conversion, line: number): ConfigEntry[] {
  const sources = isSeq(value) ? [...value.items].reverse() : [value];
  return sources.flatMap((source) => {
    if (depth > MAX_DEPTH) throw new Refused(TOO_DEEP, line);
    count(state, line);
    if (isMap(source)) return entriesOf(source.items, depth + 1, state);
    if (!isAlias(source)) throw wantsMapping(line);
    return followAlias(source, state, line, (target) => {
      if (!isMap(target)) throw wantsMapping(line);
      return entriesOf(target.items, depth + 1, state);
    });
  });
}

function wantsMapping(line: number): Refused {
  return new Refused("<< takes a mapping or a list of mappings", line);
}
