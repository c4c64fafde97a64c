import type { Note, Path, Problem } from "../problem.ts";
import type { Part, Place } from "./part.ts";

/** What a conversion gathers: where each native key came from, what was wrong and what was odd. */
export interface Conversion {
  readonly errors: Problem[];
  readonly warnings: Note[];
  readonly secrets: string[];
  /** Says that the native key came from `path` of the part. */
  came(native: Path, part: Part, path: Path): void;
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
    came: (native, part, path) => origins.push({ native, part, path }),
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
