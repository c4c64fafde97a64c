const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Milliseconds of a Go duration such as `90s` or `1h30m`, or undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  if (!/^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/([0-9.]+)(ns|us|µs|ms|s|m|h)/g)) {
    total += Number(amount) * (unitMs[unit ?? ""] ?? 0);
  }
  return total;
}

/** Milliseconds as the shortest Go duration: 900000 is `15m`, 5400000 is `1h30m`. */
export function formatDuration(ms: number): string {
  let text = "";
  let rest = ms;
  for (const unit of ["h", "m", "s", "ms"] as const) {
    const size = unitMs[unit] ?? 1;
    const amount = unit === "ms" ? rest : Math.floor(rest / size);
    if (amount > 0) text += `${amount}${unit}`;
    rest -= amount * size;
  }
  return text === "" ? "0s" : text;
}

const sizeUnits = { KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const;

/** Bytes of a size such as `10MiB` (its form is the schema's business). */
export function parseSize(text: string): number {
  const unit = text.slice(-3) as keyof typeof sizeUnits;
  return Number(text.slice(0, -3)) * sizeUnits[unit];
}

/** Bytes in the largest unit that divides them: 10485760 is `10MiB`. */
export function formatSize(bytes: number): string {
  for (const unit of ["GiB", "MiB"] as const) {
    if (bytes % sizeUnits[unit] === 0) return `${bytes / sizeUnits[unit]}${unit}`;
  }
  return `${bytes / sizeUnits.KiB}KiB`;
}

/** The items of a list, or of one comma-separated string; blank ones are dropped. */
export function splitList(value: string | readonly string[]): string[] {
  const items = typeof value === "string" ? value.split(",") : value;
  return items.map((item) => item.trim()).filter((item) => item !== "");
}
