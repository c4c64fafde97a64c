/**
 * The wall clock (epoch ms) as it is now, and from then on steady by `elapsed` (ms): NTP may set the clock of a booting
 * node while a run waits, and no deadline must move for it.
 */
export function steadyClock(wall: () => number, elapsed: () => number): () => number {
  const offset = wall() - elapsed();
  return () => Math.floor(offset + elapsed());
}
