/** A span of time (ms) for people, in the unit that tells enough: `40 s`, `42 min`, `5 h`, `3 days`. */
export function span(ms: number): string {
  const [seconds, minutes] = [Math.floor(ms / 1000), Math.round(ms / 60_000)];
  if (seconds < 120) return `${Math.max(0, seconds)} s`;
  if (minutes < 120) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} days`;
}
