import type { Path } from "../problem.ts";

/** Takes what the checks find. */
export interface Sense {
  error(path: Path, message: string): void;
  warn(path: Path, message: string): void;
  /** Whether the schema accepts what stands at the path: only then may its parts be looked at. */
  sound(path: Path): boolean;
  /** The path as the file spells it, for a message about another one. */
  spell(path: Path): string;
}
