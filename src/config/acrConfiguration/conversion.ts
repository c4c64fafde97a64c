import { didYouMean } from "../../text/nearest.ts";
import { formatPath, type Note, type Path, type Problem } from "../problem.ts";
import { syntaxProblems } from "../yaml/syntaxProblems.ts";
import { parseYaml, type YamlDocument } from "../yaml/yamlDocument.ts";

export type Place = Pick<Problem, "path" | "line">;

/** A value of the ConfigMap and where it is in the file. */
export interface Part {
  readonly value: unknown;
  /** The place of what is at this path inside the value. */
  at(path: Path): Place;
}

/** The value at `path` of the file itself. */
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

/** What a conversion gathers: where each native key came from, what was wrong and what was odd. */
export interface Conversion {
  readonly errors: Problem[];
  readonly warnings: Note[];
  readonly secrets: string[];
  /** Says that the native key came from `path` of the part. */
  cameFrom(native: Path, part: Part, path: Path): void;
  error(place: Place, message: string): void;
  warn(place: Place, message: string, native?: Path): void;
  /** The place in the file that the native key came from. */
  locate(native: Path): Place;
}

export function newConversion(fallback: Place): Conversion {
  const origins: { native: Path; part: Part; path: Path }[] = [];
  const errors: Problem[] = [];
  const warnings: Note[] = [];
  return {
    errors,
    warnings,
    secrets: [],
    cameFrom: (native, part, path) => origins.push({ native, part, path }),
    error: (place, message) => errors.push({ ...place, message }),
    warn: (place, message, native) =>
      warnings.push({ ...place, message, ...(native === undefined ? {} : { native }) }),
    locate: (path) => {
      const fitting = origins.filter(({ native }) => native.every((step, index) => step === path[index]));
      const [closest] = fitting.sort((a, b) => b.native.length - a.native.length);
      if (closest === undefined) return fallback;
      return closest.part.at([...closest.path, ...path.slice(closest.native.length)]);
    },
  };
}

export interface Field {
  /** As the file spells it. */
  readonly key: string;
  readonly value: unknown;
}

/**
 * The fields of a mapping by our name for each; empty ones are left out. Unknown keys, and two spellings of one, are
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
