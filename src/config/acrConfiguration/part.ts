import { formatPath, type Path, type Problem } from "../problem.ts";
import { syntaxProblems } from "../yaml/syntaxProblems.ts";
import { parseYaml, type YamlDocument } from "../yaml/yamlDocument.ts";

export type Place = Pick<Problem, "path" | "line">;

/** A value of the ConfigMap and where it stands in the file. */
export interface Part {
  readonly value: unknown;
  /** The place of what is at this path inside the value. */
  at(path: Path): Place;
}

/** What stands at `path` of the file itself. */
export function partOf(document: YamlDocument, path: Path): Part {
  const value = path.reduce<unknown>(
    (outer, step) => (outer as Record<string | number, unknown> | undefined)?.[step],
    document.value,
  );
  return {
    value,
    at: (inner) => {
      const line = document.lineOf([...path, ...inner]);
      return { path: formatPath([...path, ...inner]), ...(line === undefined ? {} : { line }) };
    },
  };
}

/**
 * What the text at `path` of the file says in YAML or JSON, for a ConfigMap keeps structures as text. A value that
 * is a structure already is taken as it is. Lines are those of the file where the text is a literal block (`|`).
 */
export function textPart(
  document: YamlDocument,
  path: Path,
): Part | { readonly problems: readonly Problem[] } {
  const outer = partOf(document, path);
  if (typeof outer.value !== "string") return outer;
  const inner = parseYaml(outer.value);
  const start = document.blockStart(path);
  const place = outer.at([]);
  if (inner.mistakes.length > 0) {
    const problems = syntaxProblems(inner, start).map((problem) =>
      start === undefined
        ? { ...place, message: `in line ${problem.line} of its text: ${problem.message}` }
        : { ...problem, path: place.path },
    );
    return { problems };
  }
  return {
    value: inner.value,
    at: (steps) => {
      const line = start === undefined ? place.line : start + (inner.lineOf(steps) ?? 0);
      return { path: `${place.path}${nested(steps)}`, ...(line === undefined ? {} : { line }) };
    },
  };
}

function nested(path: Path): string {
  const text = formatPath(path);
  return text === "" || text.startsWith("[") ? text : `.${text}`;
}
