import { Failure } from "../failure/failure.ts";
import type { Run } from "../run/run.ts";
import { isRegistryToken, type RegistryToken } from "./token.ts";

/** ACR's tokens live an hour. What claims to live longer than this is believed so long (ms), and no kubelet keeps it for ever. */
const LONGEST_LIFE_MS = 24 * 60 * 60 * 1000;

/**
 * What an API answered as token, checked. `expiresAt` is epoch ms.
 * @throws Failure `TokenInvalid` for anything that is no token, `TokenExpired` for one that is already over.
 */
export function checkedToken(
  run: Run,
  answer: { username: unknown; password: unknown; expiresAt: unknown },
): RegistryToken {
  const issuedAt = run.now();
  const token = { ...answer, issuedAt, jitter: run.random() };
  if (typeof answer.password === "string") run.secrets.add(answer.password);
  if (!isRegistryToken(token)) {
    throw new Failure("the API's answer holds no user name, password and expiry time", {
      code: "TokenInvalid",
      remedy: "check endpoints.acr and whatever stands between the node and ACR's API",
    });
  }
  if (token.expiresAt <= issuedAt) {
    throw new Failure(
      `the token expired at ${isoTime(token.expiresAt)}, before it arrived at ${isoTime(issuedAt)}`,
      {
        code: "TokenExpired",
        remedy: "set the node's clock (NTP)",
      },
    );
  }
  return { ...token, expiresAt: Math.min(token.expiresAt, issuedAt + LONGEST_LIFE_MS) };
}

function isoTime(epochMs: number): string {
  return Math.abs(epochMs) <= 8.64e15 ? new Date(epochMs).toISOString() : String(epochMs);
}
