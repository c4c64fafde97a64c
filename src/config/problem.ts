/** Where something is in a config: keys and list positions from the top. */
export type Path = readonly (string | number)[];

/** One thing wrong, or odd, with a config, as `config validate` shows it. */
export interface Problem {
  /** Key path such as `registries[0].instanceId`; "" is the file as a whole. */
  readonly path: string;
  /** 1-based line of the file; absent where there is no file. */
  readonly line?: number;
  /** One line, no secret: what is wrong and what is allowed. */
  readonly message: string;
}

/** A remark on a config that is not an error; one on a converted config may know the native key that it is about. */
export interface Note extends Problem {
  readonly native?: Path;
}

/** A problem before it is known how the file spells the path: what the checks collect. */
export interface Finding {
  readonly path: Path;
  readonly message: string;
}

/** A finding of which each is judged by itself. */
export interface GradedFinding extends Finding {
  readonly severity: "error" | "warning";
}

/** Takes what the checks find. */
export interface Findings {
  error(path: Path, message: string): void;
  warn(path: Path, message: string): void;
  /** Whether the schema accepts the value at the path: only then may its parts be looked at. */
  passesSchema(path: Path): boolean;
  /** The path as the file spells it, for a message about another one. */
  spelledPath(path: Path): string;
}

/** `["registries", 0, "domains"]` as `registries[0].domains`. */
export function formatPath(path: Path): string {
  let text = "";
  for (const step of path) {
    text += typeof step === "number" ? `[${step}]` : text === "" ? step : `.${step}`;
  }
  return text;
}

/** `line 4: registries[0].instanceld: unknown key` */
export function formatProblem(problem: Problem): string {
  const line = problem.line === undefined ? "" : `line ${problem.line}: `;
  return `${line}${problem.path === "" ? "" : `${problem.path}: `}${problem.message}`;
}
