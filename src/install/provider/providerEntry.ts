import { isDeepStrictEqual } from "node:util";
import { type Document, isMap, isScalar, isSeq, parseDocument, type YAMLMap, type YAMLSeq } from "yaml";

/** The kubelet knows a provider by the name of its executable. */
export const PROVIDER_NAME = "aliyun-acr-credential-provider";

interface Variable {
  readonly name: string;
  readonly value: string;
}

/** A provider of a `CredentialProviderConfig`, as the kubelet's file has it. */
export interface ProviderEntry extends Readonly<Record<string, unknown>> {
  readonly name: string;
  readonly matchImages?: readonly string[];
  readonly env?: readonly Variable[];
}

/** What is written for our provider: the whole file where there is none, or its entry in one. */
export interface OwnProvider {
  /** A whole `CredentialProviderConfig`, as YAML. */
  readonly text: string;
  readonly entry: ProviderEntry;
}

/**
 * Our provider from what `kubelet-config` prints. Patterns and environment variables that an entry of this name had
 * before stay: someone added them by hand, or the plugin has learnt a domain since and forgotten it.
 */
export function ownProvider(printed: string, before: ProviderEntry | undefined): OwnProvider {
  const document = parseDocument(printed);
  const entry = entryOf(document.toJS());
  const patterns = notIn(before?.matchImages ?? [], entry.matchImages ?? []);
  const ownNames = (entry.env ?? []).map(({ name }) => name);
  const variables = (before?.env ?? []).filter(({ name }) => !ownNames.includes(name));
  if (patterns.length === 0 && variables.length === 0) return { text: printed, entry };
  const node = document.getIn(["providers", 0]) as YAMLMap;
  for (const pattern of patterns) (node.get("matchImages") as YAMLSeq).add(document.createNode(pattern));
  for (const variable of variables) addVariable(document, variable);
  const text = document.toString({ lineWidth: 0 });
  return { text, entry: entryOf(document.toJS()) };
}

/** The same with an environment variable for the plugin, unless it is there already. */
export function withVariable(printed: string, name: string, value: string): string {
  const document = parseDocument(printed);
  const { env = [] } = entryOf(document.toJS());
  if (env.some((each) => each.name === name && each.value === value)) return printed;
  addVariable(document, { name, value });
  return document.toString({ lineWidth: 0 });
}

function addVariable(document: Document, variable: Variable): void {
  const node = document.getIn(["providers", 0]) as YAMLMap;
  if (!node.has("env")) node.set("env", document.createNode([]));
  (node.get("env") as YAMLSeq).add(document.createNode(variable));
}

/** The entry of our name in a config that is parsed already; undefined where there is none. */
export function ownEntryIn(config: unknown): ProviderEntry | undefined {
  return providersIn(config).find(({ name }) => name === PROVIDER_NAME);
}

/** Those of others, in order. */
export function otherEntriesIn(config: unknown): readonly ProviderEntry[] {
  return providersIn(config).filter(({ name }) => name !== PROVIDER_NAME);
}

/** Whether two configs say the same, wherever our provider stands among the others. */
export function sayTheSame(one: unknown, other: unknown): boolean {
  const parts = (config: unknown) => {
    const { providers: _, ...rest } = config as Record<string, unknown>;
    return [rest, otherEntriesIn(config), ownEntryIn(config)];
  };
  return isDeepStrictEqual(parts(one), parts(other));
}

/** The lines of our entry in a config of ours, from `name:` on, without indentation. */
export function entryLines(text: string): string[] {
  const lines = text.slice(text.indexOf("  - name:")).trimEnd().split("\n");
  return lines.map((line) => line.slice(4));
}

/** All of them, in order. */
export function providersIn(config: unknown): readonly ProviderEntry[] {
  const { providers } = (config ?? {}) as { providers?: unknown };
  return Array.isArray(providers) ? providers : [];
}

function entryOf(config: unknown): ProviderEntry {
  return providersIn(config)[0] as ProviderEntry;
}

function notIn(some: readonly string[], others: readonly string[]): string[] {
  return some.filter((each) => !others.includes(each));
}

/** The names of the providers in a list of a document, `undefined` for what is not a provider. */
export function namesIn(list: YAMLSeq): (string | undefined)[] {
  return list.items.map((item) => {
    const name = isMap(item) ? item.get("name", true) : undefined;
    return isScalar(name) ? String(name.value) : undefined;
  });
}

/** The list of providers of a document; undefined where there is none. */
export function listIn(document: { get(key: string): unknown }): YAMLSeq | undefined {
  const list = document.get("providers");
  return isSeq(list) ? list : undefined;
}
