import { brokenSource, type ConfigSource, nativeSource } from "./configSource.ts";
import type { Problem } from "./problem.ts";
import { hasOddSpaces, parseYaml } from "./yaml/yamlDocument.ts";

/** Reads the text of a config file, native or an `acr-configuration` ConfigMap. */
export async function readSource(text: string): Promise<ConfigSource> {
  const document = parseYaml(text);
  if (document.mistakes.length > 0) {
    const { syntaxProblems } = await import("./yaml/syntaxProblems.ts");
    return brokenSource(syntaxProblems(document));
  }
  const { value } = document;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return brokenSource([{ path: "", message: notAMapping(value) }]);
  }
  const source = isNative(value as Record<string, unknown>)
    ? nativeSource(value, document.lineOf)
    : (await import("./acrConfiguration/convertAcrConfiguration.ts")).convertAcrConfiguration(document);
  return hasOddSpaces(text) ? { ...source, warnings: [ODD_SPACES, ...source.warnings] } : source;
}

function notAMapping(value: unknown): string {
  const begin = 'begin with "apiVersion: aliyun-acr-credential-provider/v1" and "kind: ProviderConfig"';
  if (Array.isArray(value)) {
    return `is a list: ${begin} and put it under "registries:", or, for acr-registry-info, into the ConfigMap`;
  }
  return `${value === null || value === undefined ? "is empty" : "is not a mapping of keys"}: ${begin}`;
}

const ODD_SPACES: Problem = {
  path: "",
  message: "holds non-breaking spaces, as text copied from a web page does: they are read as ordinary spaces",
};

/** Anything that claims to be our own format, or looks like it, is judged as such. */
function isNative(value: Record<string, unknown>): boolean {
  const { kind, apiVersion, data, registries } = value;
  if (kind === "ProviderConfig" || registries !== undefined) return true;
  if (typeof apiVersion === "string" && apiVersion.startsWith("aliyun-acr-credential-provider/")) return true;
  return (
    kind === undefined && data === undefined && Object.keys(value).every((key) => !/^acr|Acr|-/.test(key))
  );
}
