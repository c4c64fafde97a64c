import { utf8 } from "../text/utf8.ts";

const MASK = "***";
/** Shorter values are too common in ordinary text to be masked without harm. */
const MIN_LENGTH = 6;

/** A shorter part of a secret is found in ordinary texts too. */
const MIN_PART = 12;

/** Shapes that are secret whoever sent them: JWTs, signatures, security tokens and passwords in texts of others. */
const secretShapes = (): readonly RegExp[] => [
  /\beyJ[A-Za-z0-9_-]{8,}(\.[A-Za-z0-9_-]*){0,2}/g,
  /(\b(?:security[-_]?token|signature|access[-_]?key[-_]?secret|oidc[-_]?token|authorization[-_]?token|password)["']?\s*[=:]\s*["']?)(?:Bearer |Basic )?[^\s"'&,;}]+/gi,
  /(authorization["']?\s*[=:]\s*["']?)[^\r\n"']+/gi,
  /(\/\/)[^/\s:@]+:[^/\s@]+(?=@)/g,
];

/** The values that must never leave the process by a message or a log, and the mask for them. */
export class Secrets {
  readonly #values = new Set<string>();
  /** Every form of the values; made when it is needed, which is not on a cache hit without log. */
  readonly #forms = new Set<string>();
  /** Values whose forms are not made yet. */
  #formless: string[] = [];

  /** Registers a secret. */
  add(...values: (string | undefined)[]): void {
    for (const value of values) {
      if (value === undefined || value.length < MIN_LENGTH || this.#values.has(value)) continue;
      this.#values.add(value);
      this.#formless.push(value);
    }
  }

  /** Whether a short foreign text, such as a code, holds a known secret, or is a part of one. */
  isHarmless(text: string): boolean {
    return !this.isPart(text) && this.redact(text) === text;
  }

  /** Whether a text is a part of a known secret, which `redact` sees at its beginning only. */
  isPart(text: string): boolean {
    if (text.length < MIN_PART) return false;
    for (const value of this.#values) if (value.includes(text)) return true;
    return false;
  }

  /**
   * The text with every known secret, also in the forms of a URL, of JSON and of base64, with white space in it, and
   * cut after its first letters, and everything shaped like a secret, replaced by `***`.
   */
  redact(text: string): string {
    for (const value of this.#formless) addForms(value, this.#forms);
    this.#formless = [];
    let clean = withoutForms(text, this.#forms);
    for (const shape of secretShapes()) {
      clean = clean.replace(
        shape,
        (_match, prefix: unknown) => (typeof prefix === "string" ? prefix : "") + MASK,
      );
    }
    return clean;
  }
}

/** Loops, because whatever of the runtime is not native is compiled for the one text of a run. */
function addForms(value: string, forms: Set<string>): void {
  forms.add(value);
  forms.add(encodeURIComponent(value.toWellFormed()));
  forms.add(JSON.stringify(value).slice(1, -1));
  for (let before = 0; before < 3; before++) {
    const text = base64Form(value, before);
    if (text.length < MIN_LENGTH) continue;
    forms.add(text);
    forms.add(text.replaceAll("+", "-").replaceAll("/", "_"));
  }
}

/** What of a value's base64 does not depend on what stands behind it and the so many bytes before it. */
function base64Form(value: string, before: number): string {
  const bytes = utf8("\0".repeat(before) + value);
  const start = before === 0 ? 0 : before + 1;
  return bytes.toString("base64").slice(start, Math.floor((bytes.length * 8) / 6));
}

/** The text without the forms and their beginnings. White space does not count: a long token may be wrapped into lines. */
function withoutForms(text: string, forms: Iterable<string>): string {
  const bare = text.replace(/\s+/g, "");
  const found: [number, number][] = [];
  for (const form of forms) addOccurrences(bare, form, found);
  if (found.length === 0) return text;
  found.sort((a, b) => a[0] - b[0]);
  const places = [...text.matchAll(/\S/g)].map(({ index }) => index);
  let clean = "";
  let next = 0;
  for (const [from, to] of found) {
    const [start = 0, last = 0] = [places[from], places[to - 1]];
    if (start >= next) clean += text.slice(next, start) + MASK;
    next = Math.max(next, last + 1);
  }
  return clean + text.slice(next);
}

/** Adds where the form is in the text, whole or from its beginning on for `MIN_PART` characters and more. */
function addOccurrences(text: string, form: string, found: [from: number, to: number][]): void {
  const head = form.slice(0, MIN_PART);
  for (let from = text.indexOf(head); from >= 0; ) {
    let length = head.length;
    while (length < form.length && text[from + length] === form[length]) length++;
    found.push([from, from + length]);
    from = text.indexOf(head, from + length);
  }
}
