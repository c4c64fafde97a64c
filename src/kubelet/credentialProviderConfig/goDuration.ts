const unitNs: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  "\u00b5s": 1_000n,
  "\u03bcs": 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** Go's durations have 64 bits. */
const LIMIT = 2n ** 63n;

/** No one writes a longer one. */
const MAX_LENGTH = 1000;

/**
 * Milliseconds of a duration in the form of Go's time.ParseDuration: `1h30m`, `.5s`, `-1m`, `0`.
 * @returns undefined for what it refuses, such as a number without a unit.
 */
export function parseGoDuration(text: string): number | undefined {
  const [, sign = "", size = ""] = /^([-+]?)(.*)$/s.exec(text) ?? [];
  if (size === "0") return 0;
  if (size.length > MAX_LENGTH || !/^(?:(?:\d+(?:\.\d*)?|\.\d+)[^\d.]+)+$/.test(size)) return undefined;
  let total = 0n;
  for (const [, whole = "", fraction = "", name = ""] of size.matchAll(/(\d*)\.?(\d*)([^\d.]+)/g)) {
    const unit = unitNs[name];
    if (unit === undefined) return undefined;
    const part = Math.trunc(Number(`0.${fraction}0`) * Number(unit));
    total += BigInt(whole === "" ? 0 : whole) * unit + BigInt(part);
    if (total > LIMIT) return undefined;
  }
  if (total === LIMIT && sign !== "-") return undefined;
  return (Number(total) / 1e6) * (sign === "-" && total > 0n ? -1 : 1);
}
