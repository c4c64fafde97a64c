const MASK = "***";
/** Shorter values are too common in ordinary text to be masked without harm. */
const MIN_LENGTH = 6;

/** Shapes that are secret whoever sent them: JWTs, signatures, security tokens and passwords in texts of others. */
const secretShapes: readonly RegExp[] = [
  /\beyJ[A-Za-z0-9_-]{8,}(\.[A-Za-z0-9_-]*){0,2}/g,
  /(\b(?:security[-_]?token|signature|access[-_]?key[-_]?secret|oidc[-_]?token|authorization[-_]?token|password)["']?\s*[=:]\s*["']?)(?:Bearer |Basic )?[^\s"'&,;}]+/gi,
  /(authorization["']?\s*[=:]\s*["']?)[^\r\n"']+/gi,
  /(\/\/)[^/\s:@]+:[^/\s@]+(?=@)/g,
];

/** The values that must never leave the process by a message or a log, and the mask for them. */
export class Secrets {
  readonly #values = new Set<string>();

  /** Registers a secret, also in the forms that a URL or a JSON text would carry it. */
  add(...values: (string | undefined)[]): void {
    for (const value of values) {
      if (value === undefined || value.length < MIN_LENGTH) continue;
      this.#values.add(value);
      this.#values.add(encodeURIComponent(value.toWellFormed()));
      this.#values.add(JSON.stringify(value).slice(1, -1));
    }
  }

  /** The text with every known secret, and everything shaped like one, replaced by `***`. */
  redact(text: string): string {
    let clean = text;
    for (const value of [...this.#values].sort((a, b) => b.length - a.length)) {
      clean = clean.replaceAll(value, MASK);
    }
    for (const shape of secretShapes) {
      clean = clean.replace(
        shape,
        (_match, prefix: unknown) => (typeof prefix === "string" ? prefix : "") + MASK,
      );
    }
    return clean;
  }
}
