import type { OwnProvider } from "./providerEntry.ts";
import { changedValue } from "./yamlProviders.ts";

/**
 * A `CredentialProviderConfig` in JSON with our provider in it, or without (`own` undefined); it stays JSON, with its
 * indentation. @throws SyntaxError for what is not JSON.
 */
export function changeJson(text: string, own: OwnProvider | undefined): string {
  const config = JSON.parse(text) as Record<string, unknown>;
  const { providers } = changedValue(config, own);
  return written({ ...config, providers }, indentationOf(text), /\s*$/.exec(text)?.[0] ?? "");
}

function written(config: unknown, indentation: string, end: string): string {
  return `${JSON.stringify(config, null, indentation)}${end}`;
}

/** What the first line that is indented is indented by; none where all stands in one line. */
function indentationOf(text: string): string {
  return /\n([ \t]+)\S/.exec(text)?.[1] ?? "";
}
