import { didYouMean } from "../../text/nearest.ts";
import type { Conversion } from "./conversion.ts";
import type { Part } from "./part.ts";

/** Every key of the ConfigMap's data (facts 1.2), by our word for it, with the add-on's spellings (facts 1.4). */
export const dataKeys = {
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

/** Every field of an item of `acr-registry-info` (facts 1.3); one table prints `InstanceId`. */
export const itemKeys = {
  instanceId: ["InstanceId"],
  regionId: ["RegionId"],
  domains: ["Domains"],
  assumeRoleARN: ["assumeRoleArn"],
  expireDuration: [],
  rrsaRoleARN: ["rrsaRoleArn"],
  rrsaOIDCProviderRoleARN: ["rrsaOIDCProviderARN", "rrsaOIDCProviderRoleArn"],
  rrsaOIDCTokenRoleSessionName: [],
  customAccessKey: [],
  customAccessKeySecret: [],
} as const satisfies Record<string, readonly string[]>;

export interface Field {
  /** As the file spells it. */
  readonly key: string;
  readonly value: unknown;
}

/**
 * The fields of a mapping by our word for each; empty ones are left out. Unknown keys, and two spellings of one, are
 * errors.
 */
export function fieldsOf<Name extends string>(
  part: Part,
  mapping: Readonly<Record<string, unknown>>,
  spellings: Readonly<Record<Name, readonly string[]>>,
  conversion: Conversion,
): Partial<Record<Name, Field>> {
  const names = Object.keys(spellings) as Name[];
  const fields: Partial<Record<Name, Field>> = {};
  for (const [key, value] of Object.entries(mapping)) {
    const name = names.find((candidate) => candidate === key || spellings[candidate].includes(key));
    if (name === undefined) {
      conversion.error(part.at([key]), `unknown key${didYouMean(key, names)} (known: ${names.join(", ")})`);
    } else if (fields[name] !== undefined) {
      conversion.error(part.at([key]), `means the same as ${fields[name].key}: keep one of them`);
    } else if (value !== null && value !== undefined && value !== "") {
      fields[name] = { key, value };
    }
  }
  return fields;
}
