import { quoted } from "../../text/foreignText.ts";
import type { KubeletRelease } from "../kubeletRelease.ts";
import { type ConfigEntry, type ConfigTree, lineOf } from "./configTree.ts";
import type { CredentialProvider, TokenAttributes } from "./credentialProvider.ts";
import { durationOf, type Field, fieldsOf, flagOf, listOf, type Report, textOf } from "./decodeFields.ts";

/** A provider before it is checked: what is required may be missing. */
export type DecodedProvider = Omit<CredentialProvider, "defaultCacheDuration" | "tokenAttributes"> & {
  readonly defaultCacheDuration: number | undefined;
  readonly tokenAttributes: DecodedTokenAttributes | undefined;
  readonly tree: ConfigTree;
};

export type DecodedTokenAttributes = Omit<TokenAttributes, "requireServiceAccount"> & {
  readonly requireServiceAccount: boolean | undefined;
};

const GROUP = "kubelet.config.k8s.io";
const KIND = "CredentialProviderConfig";

/**
 * The providers of one config file as the kubelet's strict decoder gets them: k8s.io/apimachinery's serializer with
 * EnableStrict over sigs.k8s.io/json, into the types of k8s.io/kubelet/config. What it does not take is reported.
 * Not ported: the version `__internal`, which it takes with its fields in another spelling.
 */
export function decodeConfig(
  tree: ConfigTree,
  file: string,
  release: KubeletRelease,
  report: Report,
): readonly DecodedProvider[] {
  const version = versionOf(tree, release, report);
  if (version === undefined) return [];
  const field = fieldsOf([tree, [], report], ["apiVersion", "kind", "providers"]);
  return listOf(field("providers")).map((item, index) => {
    return { ...providerOf(item, { version, release }), file, index };
  });
}

/** `v1`, `v1beta1` or `v1alpha1`; undefined, and reported, for what is not a CredentialProviderConfig. */
function versionOf(tree: ConfigTree, release: KubeletRelease, report: Report): string | undefined {
  const beginning = `begin with "apiVersion: ${GROUP}/${release.api}" and "kind: ${KIND}"`;
  if (tree.kind !== "object") {
    report([], tree.line, `${tree.kind === "null" ? "is empty" : "is not a mapping of keys"}: ${beginning}`);
    return undefined;
  }
  const kind = headerOf(tree.entries, "kind");
  if (kind?.text !== KIND) {
    const remedy = kind?.text === "ProviderConfig" ? OUR_OWN : beginning;
    report(["kind"], kind?.line ?? tree.line, `${wrong(kind)}: ${remedy}`);
    return undefined;
  }
  const versions = release.api === "v1" ? ["v1", "v1beta1", "v1alpha1"] : ["v1beta1", "v1alpha1"];
  const apiVersion = headerOf(tree.entries, "apiVersion");
  const version = versions.find((name) => apiVersion?.text === `${GROUP}/${name}`);
  if (version === undefined) {
    const known = versions.map((name) => `${GROUP}/${name}`).join(", ");
    const message = `${wrong(apiVersion)}: Kubernetes ${release.name} knows ${known}`;
    report(["apiVersion"], apiVersion?.line ?? tree.line, message);
  }
  return version;
}

const OUR_OWN =
  "this is the plugin's own config, which belongs after --config in args; " +
  '"aliyun-acr-credential-provider kubelet-config" prints the kubelet\'s';

interface Header {
  /** Undefined: not a text. */
  readonly text: string | undefined;
  readonly line: number;
}

function headerOf(entries: readonly ConfigEntry[], key: string): Header | undefined {
  const entry = entries.find((each) => each.key === key);
  if (entry === undefined || entry.value.kind === "null") return undefined;
  return { text: entry.value.kind === "text" ? entry.value.text : undefined, line: entry.line };
}

function wrong(header: Header | undefined): string {
  if (header === undefined) return "is missing";
  return header.text === undefined ? "is not text" : `is ${quoted(header.text)}`;
}

/** Which fields there are. */
interface Dialect {
  /** Of the file: `v1`. */
  readonly version: string;
  readonly release: KubeletRelease;
}

/** Why a field is unknown that another release or version has. */
function belongsElsewhere(key: string, { version, release }: Dialect): string | undefined {
  if (key === "tokenAttributes") {
    return release.tokens === "none"
      ? `Kubernetes ${release.name} does not have this field: it came with 1.33`
      : `only ${GROUP}/v1 has this field, and this file is ${version}`;
  }
  return key === "cacheType" && release.tokens === "alpha"
    ? `Kubernetes ${release.name} does not have this field: it came with 1.34`
    : undefined;
}

function providerOf(item: Field, dialect: Dialect): Omit<DecodedProvider, "file" | "index"> {
  const hasTokens = dialect.version === "v1" && dialect.release.tokens !== "none";
  const known = ["name", "matchImages", "defaultCacheDuration", "apiVersion", "args", "env"];
  const field = fieldsOf(item, hasTokens ? [...known, "tokenAttributes"] : known, (key) =>
    belongsElsewhere(key, dialect),
  );
  const [tree = { kind: "null", line: 1 }] = item;
  const matchImages = textsOf(field("matchImages"));
  return {
    name: textOf(field("name")),
    apiVersion: textOf(field("apiVersion")),
    matchImages,
    defaultCacheDuration: durationOf(field("defaultCacheDuration")),
    args: textsOf(field("args")),
    env: listOf(field("env")).map((variable) => {
      const part = fieldsOf(variable, ["name", "value"]);
      return { name: textOf(part("name")), value: textOf(part("value")) };
    }),
    tokenAttributes: tokenAttributesOf(field("tokenAttributes"), dialect),
    line: tree.line,
    patternLines: matchImages.map((_, index) => lineOf(tree, ["matchImages", index])),
    tree,
  };
}

function textsOf(field: Field): string[] {
  return listOf(field).map(textOf);
}

const REQUIRED_KEYS = "requiredServiceAccountAnnotationKeys";
const OPTIONAL_KEYS = "optionalServiceAccountAnnotationKeys";

function tokenAttributesOf(given: Field, dialect: Dialect): DecodedTokenAttributes | undefined {
  const [tree] = given;
  if (tree === undefined || tree.kind === "null") return undefined;
  const known = ["serviceAccountTokenAudience", "requireServiceAccount", REQUIRED_KEYS, OPTIONAL_KEYS];
  const field = fieldsOf(given, dialect.release.tokens === "beta" ? [...known, "cacheType"] : known, (key) =>
    belongsElsewhere(key, dialect),
  );
  return {
    serviceAccountTokenAudience: textOf(field("serviceAccountTokenAudience")),
    cacheType: textOf(field("cacheType")),
    requireServiceAccount: flagOf(field("requireServiceAccount")),
    requiredServiceAccountAnnotationKeys: textsOf(field(REQUIRED_KEYS)),
    optionalServiceAccountAnnotationKeys: textsOf(field(OPTIONAL_KEYS)),
  };
}
