import { isPrintable } from "../text/foreignText.ts";

/** The temporary user name and password that ACR issues for an instance. Times in epoch ms. */
export interface RegistryToken {
  readonly username: string;
  readonly password: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** In [0, 1): drawn at issue, so that nodes whose tokens are of one moment do not renew at one moment. */
  readonly jitter: number;
}

export function isRegistryToken(value: unknown): value is RegistryToken {
  const token = value as Partial<RegistryToken> | null;
  return (
    typeof token === "object" &&
    token !== null &&
    isPrintable(token.username) &&
    isPrintable(token.password) &&
    Number.isFinite(token.issuedAt) &&
    Number.isFinite(token.expiresAt) &&
    Number.isFinite(token.jitter)
  );
}

/** Milliseconds for which the token still works, negative when it has expired. */
export function remainingMs(token: RegistryToken, now: number): number {
  return token.expiresAt - now;
}

/**
 * With less than this left (ms) a token is renewed: the configured threshold, but never more than half of the
 * token's life, so that a short-lived token is used at all (contract, section 6).
 */
export function thresholdMs(token: RegistryToken, expiringThresholdMs: number): number {
  return Math.min(expiringThresholdMs, (token.expiresAt - token.issuedAt) / 2);
}

/**
 * When (epoch ms) the token is renewed: at the threshold, or up to half of it later. A kubelet that keeps the
 * token until the threshold comes back then, and a fleet that booted together would come back together.
 */
export function renewsAt(token: RegistryToken, expiringThresholdMs: number): number {
  const threshold = thresholdMs(token, expiringThresholdMs);
  const spread = threshold >= SPREAD_FROM_MS ? threshold / 2 : 0;
  return token.expiresAt - threshold + token.jitter * spread;
}

/** Short thresholds leave no time to spread renewals over. */
const SPREAD_FROM_MS = 5 * 60 * 1000;

/**
 * For how long the kubelet may keep the token, in whole seconds, never negative: until the threshold
 * (contract, section 6), and after that until its renewal.
 */
export function cacheDurationSeconds(token: RegistryToken, expiringThresholdMs: number, now: number): number {
  const threshold = token.expiresAt - thresholdMs(token, expiringThresholdMs);
  const until = now < threshold ? threshold : renewsAt(token, expiringThresholdMs);
  return Math.max(0, Math.floor((until - now) / 1000));
}
