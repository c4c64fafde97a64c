import { didYouMean } from "../../text/nearest.ts";
import { brokenSource, type ConfigSource } from "../configSource.ts";
import type { Path } from "../problem.ts";
import { splitList } from "../values.ts";
import type { YamlDocument } from "../yaml/yamlDocument.ts";
import { findConfigMapData, isMapping } from "./configMap.ts";
import {
  type Conversion,
  type Field,
  fieldsOf,
  newConversion,
  type Part,
  partOf,
  textPart,
} from "./conversion.ts";
import { registriesOf } from "./registries.ts";

/** Every key of the ConfigMap's data by our name for it, with the ACK add-on's other spellings of it. */
const dataKeys = {
  "acr-registry-info": ["AcrInstanceInfo", "acrRegistryInfo"],
  "watch-namespace": ["watchNamespace"],
  "service-account": ["serviceAccount"],
  "expiring-threshold": ["expiringThreshold"],
  rrsa: [],
  "provider-config": ["providerConfig"],
  "acr-api-version": ["acrApiVersion"],
  "notify-email": ["notifyEmail"],
  "webhook-configuration": ["webhookConfiguration"],
  "acr-registry": ["acrRegistry"],
  tokenMode: ["token-mode"],
} as const satisfies Record<string, readonly string[]>;

type Fields = Partial<Record<keyof typeof dataKeys, Field>>;

/**
 * The in-cluster helper's ConfigMap `acr-configuration` in the native form (contract, section 3). Key by key, with the
 * same defaults as the helper: namespace and service account `default`, threshold 15m. Sources of the keys:
 * https://www.alibabacloud.com/help/en/acr/user-guide/non-secret-pulling-container-image and
 * https://www.alibabacloud.com/help/en/acr/user-guide/use-secret-free-components-to-pull-images-across-accounts
 */
export function convertAcrConfiguration(document: YamlDocument): ConfigSource {
  const found = findConfigMapData(document.value as Readonly<Record<string, unknown>>);
  if ("problem" in found) return brokenSource([{ path: "", message: found.problem }]);
  const data = partOf(document, found.data);
  const conversion = newConversion(data.at([]));
  if (found.warning !== undefined) conversion.warn({ path: "" }, found.warning);
  const fields = fieldsOf(data, isMapping(data.value) ? data.value : {}, dataKeys, conversion);
  const input = nativeInput(document, found.data, fields, conversion);
  const { errors, warnings, secrets, locate } = conversion;
  return { format: "acr-configuration", input, errors, warnings, secrets, locate };
}

function nativeInput(document: YamlDocument, data: Path, fields: Fields, conversion: Conversion): unknown {
  const place = partOf(document, data);
  const text = (name: keyof Fields) =>
    textOf(document, [...data, fields[name]?.key ?? name], fields[name], conversion);
  const own =
    fields["provider-config"] === undefined ? {} : providerConfigOf(text("provider-config"), conversion);
  const identity = isMapping(own.identity) ? own.identity : undefined;
  const registries =
    fields["acr-registry-info"] === undefined
      ? []
      : registriesOf(text("acr-registry-info"), { conversion, identity, rrsa: rrsaEnabled(fields, text) });
  for (const [native, name] of [
    [["registries"], "acr-registry-info"],
    [["access"], "watch-namespace"],
    [["access", "namespaces"], "watch-namespace"],
    [["access", "serviceAccounts"], "service-account"],
    [["expiringThreshold"], "expiring-threshold"],
  ] as const) {
    conversion.cameFrom(native, place, [fields[name]?.key ?? name]);
  }
  warnOfIgnoredKeys(fields, (field) => place.at([field.key]), conversion);
  const threshold = fields["expiring-threshold"];
  return {
    apiVersion: "aliyun-acr-credential-provider/v1",
    kind: "ProviderConfig",
    registries,
    ...(threshold === undefined ? {} : { expiringThreshold: threshold.value }),
    access: {
      namespaces: namespacesOf(fields["watch-namespace"]?.value),
      serviceAccounts: serviceAccountsOf(fields["service-account"]?.value),
    },
    ...own,
  };
}

/** The structure that a key holds as text; empty when it cannot be read, which is reported. */
function textOf(document: YamlDocument, path: Path, field: Field | undefined, conversion: Conversion) {
  const part = textPart(document, path);
  if (!("problems" in part)) return field === undefined ? { ...part, value: undefined } : part;
  conversion.errors.push(...part.problems);
  return { value: undefined, at: () => partOf(document, path).at([]) };
}

/** `rrsa: |` with `enable: true`; the add-on's switch is a plain true. */
function rrsaEnabled(fields: Fields, text: (name: "rrsa") => { value: unknown }): boolean {
  if (fields.rrsa === undefined) return false;
  const { value } = text("rrsa");
  const enable = isMapping(value) ? value.enable : value;
  return enable === true || enable === "true";
}

function warnOfIgnoredKeys(
  fields: Fields,
  at: (field: Field) => ReturnType<Conversion["locate"]>,
  conversion: Conversion,
): void {
  const version = fields["acr-api-version"];
  if (version !== undefined && version.value !== "2018-12-01") {
    conversion.warn(at(version), "has no effect: each edition's own API version is used");
  }
  const ignored = {
    "notify-email": "has no effect: this program sends no mail",
    "webhook-configuration": "has no effect: there is no webhook, a new service account can pull at once",
    "acr-registry": "has no effect: hosts are named in domains, or known by their form",
    tokenMode: "has no effect: identity in provider-config says whose permissions are used",
  } as const;
  for (const [name, message] of Object.entries(ignored)) {
    const field = fields[name as keyof typeof ignored];
    if (field !== undefined) conversion.warn(at(field), message);
  }
}

/** Native keys for what the helper had no key for, or took from its own surroundings (identity, region). */
const ownKeys: readonly string[] = [
  "cache",
  "network",
  "timeouts",
  "endpoints",
  "tls",
  "log",
  "discovery",
  "serviceAccountAnnotations",
  "answerInOutage",
  "identity",
  "defaultRegion",
];

/** The native keys in `provider-config`, as they are. */
function providerConfigOf(part: Part, conversion: Conversion): Readonly<Record<string, unknown>> {
  const { value } = part;
  if (value === null || value === undefined) return {};
  if (!isMapping(value)) {
    conversion.error(part.at([]), "must be text that holds native keys, such as cache or network");
    return {};
  }
  for (const key of Object.keys(value)) {
    if (ownKeys.includes(key)) {
      conversion.cameFrom([key], part, [key]);
    } else {
      conversion.error(
        part.at([key]),
        `unknown key${didYouMean(key, ownKeys)} (known here: ${ownKeys.join(", ")})`,
      );
    }
  }
  return Object.fromEntries(Object.entries(value).filter(([key]) => ownKeys.includes(key)));
}

/** `watch-namespace`: a comma list, default `default`; `all` (one page writes `ALL`) means every namespace. */
function namespacesOf(value: unknown): unknown {
  const names = namesOf(value);
  if (names === undefined) return value;
  return names.some((name) => name === "*" || name.toLowerCase() === "all") ? ["*"] : names;
}

/** `service-account`: a comma list, default `default`; `*` means every one in those namespaces. */
function serviceAccountsOf(value: unknown): unknown {
  const names = namesOf(value);
  if (names === undefined) return value;
  return names.includes("*") ? ["*"] : names;
}

/** The names; pages print the default as `Default`, which no Kubernetes name can be. Undefined: not a list of names. */
function namesOf(value: unknown): string[] | undefined {
  if (value === undefined) return ["default"];
  if (
    typeof value !== "string" &&
    !(Array.isArray(value) && value.every((item) => typeof item === "string"))
  ) {
    return undefined;
  }
  const names = splitList(value as string | string[]).map((name) => (name === "Default" ? "default" : name));
  return names.length === 0 ? ["default"] : names;
}
