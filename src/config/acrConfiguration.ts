import { findConfigMapData, isMapping } from "./acrConfiguration/configMap.ts";
import { type Conversion, newConversion } from "./acrConfiguration/conversion.ts";
import { registriesOf } from "./acrConfiguration/items.ts";
import { dataKeys, type Field, fieldsOf } from "./acrConfiguration/keys.ts";
import { partOf, textPart } from "./acrConfiguration/part.ts";
import { providerConfigOf } from "./acrConfiguration/providerConfig.ts";
import { namespacesOf, serviceAccountsOf } from "./acrConfiguration/selection.ts";
import type { Path } from "./problem.ts";
import { brokenSource, type ConfigSource } from "./source.ts";
import type { YamlDocument } from "./yaml/yamlDocument.ts";

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
    conversion.came(native, place, [fields[name]?.key ?? name]);
  }
  warnOfIdleKeys(fields, (field) => place.at([field.key]), conversion);
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

function warnOfIdleKeys(
  fields: Fields,
  at: (field: Field) => ReturnType<Conversion["locate"]>,
  conversion: Conversion,
): void {
  const version = fields["acr-api-version"];
  if (version !== undefined && version.value !== "2018-12-01") {
    conversion.warn(at(version), "has no effect: each edition's own API version is used");
  }
  const idle = {
    "notify-email": "has no effect: this program sends no mail",
    "webhook-configuration": "has no effect: there is no webhook, a new service account can pull at once",
    "acr-registry": "has no effect: hosts are named in domains, or known by their form",
    tokenMode: "has no effect: identity in provider-config says whose permissions are used",
  } as const;
  for (const [name, message] of Object.entries(idle)) {
    const field = fields[name as keyof typeof idle];
    if (field !== undefined) conversion.warn(at(field), message);
  }
}
