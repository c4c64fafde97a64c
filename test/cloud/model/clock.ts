/** The cloud's clock. A positive skew puts the cloud ahead of the machine it runs on. */
export interface Clock {
  /** Milliseconds; may be changed at any time. */
  skewMs: number;
  /** Epoch milliseconds in the cloud. */
  now(): number;
}

export function createClock(): Clock {
  return {
    skewMs: 0,
    now() {
      return Date.now() + this.skewMs;
    },
  };
}

/** `2026-01-02T03:04:05Z`: how STS, ECS and the signatures write a time. */
export function isoSeconds(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/\.\d{3}Z$/, "Z");
}
