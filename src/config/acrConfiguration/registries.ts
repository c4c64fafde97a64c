import { parseDuration } from "../values.ts";
import { isMapping } from "./configMap.ts";
import { type Conversion, type Field, fieldsOf, type Part } from "./conversion.ts";

/** Every field of an item of `acr-registry-info`, with the other spellings that the product document prints. */
const itemKeys = {
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

type Fields = Partial<Record<keyof typeof itemKeys, Field>>;
type Native = Record<string, unknown>;

export interface ItemContext {
  readonly conversion: Conversion;
  /** Whether the ConfigMap says `rrsa: enable: true`. */
  readonly rrsa: boolean;
  /** The top-level identity of `provider-config`, that items build on. */
  readonly identity: Native | undefined;
}

/** `acr-registry-info` as `registries`. */
export function registriesOf(part: Part, context: ItemContext): Native[] {
  const { value } = part;
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value)) {
    context.conversion.error(part.at([]), 'must be a list: begin each instance with "- instanceId: …"');
    return [];
  }
  const registries: Native[] = [];
  value.forEach((item: unknown, index) => {
    if (isMapping(item)) {
      registries.push(...entriesOf(part, item, index, registries.length, context));
    } else {
      context.conversion.error(part.at([index]), 'must hold keys: write "- instanceId: …"');
    }
  });
  return registries;
}

/** One item; it is several entries when it lists several instance IDs. */
function entriesOf(
  list: Part,
  item: Readonly<Native>,
  index: number,
  position: number,
  context: ItemContext,
): Native[] {
  const { conversion } = context;
  const part: Part = { value: item, at: (path) => list.at([index, ...path]) };
  const fields = fieldsOf(part, item, itemKeys, conversion);
  const { instanceId, regionId, domains } = fields;
  const ids = typeof instanceId?.value === "string" ? instanceId.value.split(",") : [instanceId?.value ?? ""];
  return ids.map((id, offset) => {
    const path = ["registries", position + offset];
    const entry: Native = { instanceId: typeof id === "string" ? id.trim() : id };
    conversion.cameFrom(path, part, []);
    conversion.cameFrom([...path, "instanceId"], part, [instanceId?.key ?? "instanceId"]);
    for (const [name, field] of Object.entries({ regionId, domains })) {
      if (field === undefined) continue;
      entry[name] = field.value;
      conversion.cameFrom([...path, name], part, [field.key]);
    }
    const identity = identityOf(part, fields, path, offset === 0, context);
    return identity === undefined ? entry : { ...entry, identity };
  });
}

/** Who asks for this item's token, if it says so. `first`: warn once for all entries of the item. */
function identityOf(
  part: Part,
  fields: Fields,
  path: (string | number)[],
  first: boolean,
  context: ItemContext,
): Native | undefined {
  const source = accessKeyOf(part, fields, path, context) ?? rrsaOf(part, fields, path, first, context);
  const role = roleOf(part, fields, first, context);
  if (source === undefined && role === undefined) return undefined;
  const base: Native = source ?? { ...context.identity };
  const before = Array.isArray(base.assumeRoles) ? base.assumeRoles : [];
  if (role === undefined) return base;
  const rolePath = [...path, "identity", "assumeRoles", before.length];
  context.conversion.cameFrom(rolePath, part, ["assumeRoleARN"]);
  context.conversion.cameFrom([...rolePath, "roleArn"], part, [fields.assumeRoleARN?.key ?? "assumeRoleARN"]);
  context.conversion.cameFrom([...rolePath, "durationSeconds"], part, ["expireDuration"]);
  return { ...base, assumeRoles: [...before, role] };
}

function accessKeyOf(part: Part, fields: Fields, path: (string | number)[], { conversion }: ItemContext) {
  const { customAccessKey: id, customAccessKeySecret: secret } = fields;
  if (secret !== undefined) {
    conversion.secrets.push(typeof secret.value === "string" ? secret.value : JSON.stringify(secret.value));
  }
  if (id === undefined && secret === undefined) return undefined;
  if (id === undefined || secret === undefined) {
    conversion.error(
      part.at([(id ?? secret)?.key ?? ""]),
      "needs both customAccessKey and customAccessKeySecret",
    );
    return undefined;
  }
  if (fields.rrsaRoleARN !== undefined) {
    conversion.error(part.at([id.key]), "one item has one identity: remove customAccessKey or rrsaRoleARN");
  }
  conversion.cameFrom([...path, "identity", "accessKeyId"], part, [id.key]);
  conversion.cameFrom([...path, "identity", "accessKeySecret"], part, [secret.key]);
  return { source: "accessKey", accessKeyId: id.value, accessKeySecret: secret.value };
}

function rrsaOf(
  part: Part,
  fields: Fields,
  path: (string | number)[],
  first: boolean,
  { conversion, rrsa }: ItemContext,
): Native | undefined {
  const {
    rrsaRoleARN: role,
    rrsaOIDCProviderRoleARN: provider,
    rrsaOIDCTokenRoleSessionName: session,
  } = fields;
  const identity = [...path, "identity"];
  if (session !== undefined && first) conversion.warn(part.at([session.key]), "has no effect");
  if (role === undefined && provider === undefined) return undefined;
  if (!rrsa) {
    const key = (role ?? provider)?.key ?? "";
    if (first) conversion.warn(part.at([key]), 'has no effect: data has no "rrsa: |" with "enable: true"');
    return undefined;
  }
  if (first) {
    conversion.warn(
      part.at([role?.key ?? "rrsaRoleARN"]),
      "the helper assumed the role with its own service account. Now each pod's service account assumes it, so the " +
        "role's trust policy must admit them (oidc:sub system:serviceaccount:NAMESPACE:NAME)",
      identity,
    );
  }
  conversion.cameFrom(identity, part, []);
  conversion.cameFrom([...identity, "roleArn"], part, [role?.key ?? "rrsaRoleARN"]);
  conversion.cameFrom([...identity, "oidcProviderArn"], part, [provider?.key ?? "rrsaOIDCProviderRoleARN"]);
  return {
    source: "serviceAccountToken",
    ...(role === undefined ? {} : { roleArn: role.value }),
    ...(provider === undefined ? {} : { oidcProviderArn: provider.value }),
  };
}

function roleOf(part: Part, fields: Fields, first: boolean, { conversion }: ItemContext): Native | undefined {
  const { assumeRoleARN: role, expireDuration: duration } = fields;
  if (role === undefined) {
    if (duration !== undefined && first) {
      conversion.warn(part.at([duration.key]), "has no effect without assumeRoleARN");
    }
    return undefined;
  }
  if (duration === undefined) return { roleArn: role.value };
  return { roleArn: role.value, durationSeconds: secondsOf(duration.value) };
}

/** Seconds as a number or in digits, or a Go duration; anything else is left for the schema to refuse. */
function secondsOf(value: unknown): unknown {
  if (typeof value !== "string") return value;
  if (/^[0-9]+$/.test(value.trim())) return Number(value);
  const ms = parseDuration(value.trim());
  return ms === undefined ? value : Math.floor(ms / 1000);
}
