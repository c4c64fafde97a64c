import { fromAssumeRole } from "../assumeRole.ts";
import { fromEcsRamRole } from "../ecsRamRole.ts";
import type { Identity, IdentityContext, IdentitySetting } from "../identity.ts";
import { givenSessionName } from "../sessionName.ts";
import { stsContext } from "../stsContext.ts";
import { type ProfileSource, pairOf, profileFields, profileInvalid } from "./profileFields.ts";

/**
 * A section of an INI credentials file; types and fields as @alicloud/credentials 2.4.7 reads them
 * (`providers/profile`).
 */
export async function fromIniProfile(
  setting: IdentitySetting,
  source: ProfileSource,
  context: IdentityContext,
): Promise<Identity> {
  const { file } = source;
  const name = source.name ?? "default";
  const section = parseIni(source.text).get(name);
  if (section === undefined) throw profileInvalid(file, name, "there is no such section");
  const identity = fromType(setting, file, name, section, context);
  return { ...identity, name: `profile ${name}: ${identity.name}` };
}

function fromType(
  setting: IdentitySetting,
  file: string,
  name: string,
  section: Readonly<Record<string, string>>,
  context: IdentityContext,
): Identity {
  const profile = profileFields(file, name, section);
  switch (profile.optional("type")) {
    case "access_key":
      return pairOf(setting, file, profile);
    case "ecs_ram_role":
      return fromEcsRamRole(setting, profile.optional("role_name"));
    case "ram_role_arn": {
      const sessionName = givenSessionName(setting, profile.optional("role_session_name"));
      const policy = profile.optional("policy");
      const role = {
        roleArn: profile.needed("role_arn"),
        ...(sessionName === undefined ? {} : { sessionName }),
        ...(policy === undefined ? {} : { policy }),
      };
      return fromAssumeRole(setting, pairOf(setting, file, profile), role, stsContext(setting, context));
    }
    default:
      throw profileInvalid(file, name, "its type is none of access_key, ecs_ram_role, ram_role_arn");
  }
}

/** `[section]` and `key = value` lines; `#` and `;` start a comment line. */
function parseIni(text: string): Map<string, Record<string, string>> {
  const sections = new Map<string, Record<string, string>>();
  let section: Record<string, string> = Object.create(null);
  for (const raw of text.split(/[\r\n]+/)) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#") || line.startsWith(";")) continue;
    const title = /^\[([^\]]*)\]$/.exec(line)?.[1];
    if (title !== undefined) {
      const name = plainValue(title);
      section = sections.get(name) ?? Object.create(null);
      sections.set(name, section);
      continue;
    }
    const equals = line.indexOf("=");
    if (equals > 0) section[line.slice(0, equals).trim()] = plainValue(line.slice(equals + 1));
  }
  return sections;
}

/**
 * A value as the library's parser reads it (ini 1.3.8, `unsafe`): quotes are taken off; without quotes `;` and `#` begin
 * a comment, unless a backslash precedes them.
 */
function plainValue(text: string): string {
  const value = text.trim();
  const [, double, single] = /^(?:"(.*)"|'(.*)')$/.exec(value) ?? [];
  if (double !== undefined) return jsonText(value) ?? double;
  if (single !== undefined) return jsonText(single) ?? single;
  return value.replace(/\\([\\;#])|[;#].*/g, (_match, escaped: string | undefined) => escaped ?? "").trim();
}

function jsonText(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
