/** Remembers the signature nonces of an access key for as long as a signature is valid. */
export interface Nonces {
  /** False if the nonce has been used within the window. */
  use(accessKeyId: string, nonce: string, now: number): boolean;
}

/** The gateway's clock tolerance: 15 minutes either way (facts 8.1, from general knowledge). */
export const clockToleranceMs = 15 * 60_000;

export function createNonces(): Nonces {
  const usedAt = new Map<string, number>();
  return {
    use(accessKeyId, nonce, now) {
      const key = `${accessKeyId} ${nonce}`;
      const last = usedAt.get(key);
      if (last !== undefined && Math.abs(now - last) < 2 * clockToleranceMs) return false;
      usedAt.set(key, now);
      return true;
    },
  };
}
