import fc from "fast-check";

/** Text that parsers trip over. */
const fragments = [
  ..."{}[]\"'\\:,-&*#|>%@`!?~=/;.\t\n\r\u0000\u2028\ufeff\u{1f980} ",
  "\\u0000",
  "\\ud800",
  "<<: *a",
  "&a [*a,*a]",
  "!!binary ",
  "---\n",
  "...\n",
  "__proto__",
  "{toString: null}",
  '{"toString": null}',
  "constructor",
  "toString",
  "null",
  "true",
  "-0",
  "1e999",
  "9007199254740993",
  "0x7f",
  "NaN",
  "[".repeat(500),
  '{"a":'.repeat(500),
  "a".repeat(5000),
  "%00",
  "..",
  "CANARY-in-the-wrong-place",
];

type Edit = readonly [
  kind: "insert" | "remove" | "repeat" | "replace",
  at: number,
  length: number,
  fragment: string,
];

const edit: fc.Arbitrary<Edit> = fc.tuple(
  fc.constantFrom("insert", "remove", "repeat", "replace"),
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.nat(40),
  fc.oneof(fc.constantFrom(...fragments.slice(0, -1)), fc.string({ unit: "binary", maxLength: 6 })),
);

/** One of the samples after a few edits anywhere in it. */
export function edited(samples: readonly string[], maxEdits = 6): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...samples), fc.array(edit, { maxLength: maxEdits }))
    .map(([sample, edits]) => edits.reduce(applied, sample));
}

function applied(text: string, [kind, where, length, fragment]: Edit): string {
  const at = Math.floor(where * text.length);
  const part = text.slice(at, at + length);
  const [before, after] = [text.slice(0, at), text.slice(at + length)];
  switch (kind) {
    case "insert":
      return before + fragment + part + after;
    case "remove":
      return before + after;
    case "repeat":
      return before + part + part + after;
    case "replace":
      return before + fragment + after;
  }
}

/** Any JSON, and objects that no longer have what every object has. */
const anyJson = fc.oneof(
  { weight: 4, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  fc.constantFrom<unknown>(
    { toString: null },
    { toString: 1, valueOf: 1 },
    { length: -1 },
    { constructor: 1 },
  ),
);

/** JSON with a value somewhere in it replaced by any other. */
export function editedJson(sample: unknown): fc.Arbitrary<unknown> {
  return fc
    .array(fc.tuple(fc.nat(), anyJson), { maxLength: 4 })
    .map((changes) =>
      changes.reduce<unknown>((value, [pick, other]) => replaced(value, pick, other), sample),
    );
}

function replaced(value: unknown, pick: number, other: unknown): unknown {
  if (typeof value !== "object" || value === null) return other;
  const names = Object.keys(value);
  const name = names[pick % (names.length + 1)];
  if (name === undefined) return other;
  const inner = replaced((value as Record<string, unknown>)[name], Math.floor(pick / 7), other);
  return Array.isArray(value)
    ? value.with(Number(name), inner)
    : Object.fromEntries(Object.entries(value).map(([key, old]) => [key, key === name ? inner : old]));
}
