import { isDeepStrictEqual } from "node:util";
import { parse } from "yaml";
import { changeJson } from "./jsonProviders.ts";
import {
  type OwnProvider,
  ownEntryIn,
  ownProvider,
  type ProviderEntry,
  providersIn,
} from "./providerEntry.ts";
import { changeYaml } from "./yamlProviders.ts";

/** What begins with a brace is JSON for the kubelet, and all else YAML. */
function isJson(text: string): boolean {
  return /^\s*\{/.test(text);
}

/**
 * The text of a `CredentialProviderConfig` with our provider as `kubelet-config` prints it. The same text where it says
 * that already. @throws Error when the text cannot be changed safely.
 */
export function withProvider(text: string, printed: string, isForced: boolean): string {
  const before = entryIn(text);
  const own = ownProvider(printed, isForced ? undefined : before);
  if (isDeepStrictEqual(before, own.entry)) return text;
  return changed(text, own);
}

/** The text without our provider; undefined where no other is left. @throws Error when that cannot be done safely. */
export function withoutProvider(text: string): string | undefined {
  if (entryIn(text) === undefined) return text;
  return providersIn(parse(text)).length === 1 ? undefined : changed(text, undefined);
}

/** Our entry in a config; undefined where there is none. @throws YAMLParseError, SyntaxError. */
export function entryIn(text: string): ProviderEntry | undefined {
  return ownEntryIn(isJson(text) ? JSON.parse(text) : parse(text));
}

/** The printed config as a file of its own: in JSON where the name asks for it. */
export function asFile(printed: string, path: string): string {
  return path.endsWith(".json") ? `${JSON.stringify(parse(printed), null, 2)}\n` : printed;
}

function changed(text: string, own: OwnProvider | undefined): string {
  return isJson(text) ? changeJson(text, own) : changeYaml(text, own);
}
