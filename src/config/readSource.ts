import { formatPath, type Note, type Path, type Problem } from "./problem.ts";
import { hasOddSpaces, parseYaml, type YamlDocument } from "./yamlDocument.ts";

/** What a config file says, in the native form, and where each part of it stands. */
export interface ConfigSource {
  /** `unknown`: it could not be read that far. */
  readonly format: "native" | "acr-configuration" | "unknown";
  /** Not checked yet. */
  readonly input: unknown;
  /** What was wrong, or odd, in getting that far. */
  readonly errors: readonly Problem[];
  readonly warnings: readonly Note[];
  /** Secrets that `input` may not show, because getting that far failed. */
  readonly secrets: readonly string[];
  /** The path as the file spells it, and its line. */
  locate(path: Path): Pick<Problem, "path" | "line">;
}

/** Reads the text of a config file, native or an `acr-configuration` ConfigMap. */
export async function readSource(text: string): Promise<ConfigSource> {
  const document = parseYaml(text);
  if (document.mistakes.length > 0) {
    const { syntaxProblems } = await import("./syntaxProblems.ts");
    return brokenSource(syntaxProblems(document));
  }
  const { value } = document;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return brokenSource([{ path: "", message: noMapping(value) }]);
  }
  const source = isNative(value as Record<string, unknown>)
    ? nativeSource(document)
    : (await import("./acrConfiguration.ts")).convertAcrConfiguration(document);
  return hasOddSpaces(text) ? { ...source, warnings: [ODD_SPACES, ...source.warnings] } : source;
}

function noMapping(value: unknown): string {
  const begin = 'begin with "apiVersion: acr-credential-provider/v1" and "kind: ProviderConfig"';
  if (Array.isArray(value)) {
    return `is a list: ${begin} and put it under "registries:", or, for acr-registry-info, into the ConfigMap`;
  }
  return `${value === null || value === undefined ? "is empty" : "holds no mapping of keys"}: ${begin}`;
}

const ODD_SPACES: Problem = {
  path: "",
  message: "holds non-breaking spaces, as text copied from a web page does: they are read as ordinary ones",
};

/** Anything that claims to be our own format, or looks like it, is judged as such. */
function isNative(value: Record<string, unknown>): boolean {
  const { kind, apiVersion, data, registries } = value;
  if (kind === "ProviderConfig" || registries !== undefined) return true;
  if (typeof apiVersion === "string" && apiVersion.startsWith("acr-credential-provider/")) return true;
  return (
    kind === undefined && data === undefined && Object.keys(value).every((key) => !/^acr|Acr|-/.test(key))
  );
}

function nativeSource(document: YamlDocument): ConfigSource {
  return {
    format: "native",
    input: document.value,
    errors: [],
    warnings: [],
    secrets: [],
    locate: (path) => {
      const line = document.lineOf(path);
      return { path: formatPath(path), ...(line === undefined ? {} : { line }) };
    },
  };
}

/** A file that says nothing that could be checked. */
export function brokenSource(errors: readonly Problem[]): ConfigSource {
  return {
    format: "unknown",
    input: undefined,
    errors,
    warnings: [],
    secrets: [],
    locate: (path) => ({ path: formatPath(path) }),
  };
}
