import { describe, expect, test } from "bun:test";
import { checkedToken } from "../../src/acr/requestToken.ts";
import { Failure } from "../../src/failure/failure.ts";
import { testRun } from "../support/testRun.ts";

const NOW = Date.UTC(2026, 10, 21);
const HOUR_MS = 3_600_000;
const run = testRun({ now: () => NOW, random: () => 0.5 });

function check(expiresAt: unknown, username: unknown = "cr_temp_user", password: unknown = "password") {
  return checkedToken(run, { username, password, expiresAt });
}

test("a token of an hour is what it says", () => {
  expect(check(NOW + HOUR_MS)).toEqual({
    username: "cr_temp_user",
    password: "password",
    issuedAt: NOW,
    expiresAt: NOW + HOUR_MS,
    jitter: 0.5,
  });
});

test.each([[25 * HOUR_MS], [1000 * 365 * 24 * HOUR_MS], [1.26e18], [1e300]])(
  "one that claims to live %p ms is believed for a day: a kubelet must not keep it for ever",
  (lifeMs) => {
    expect(check(NOW + lifeMs).expiresAt).toBe(NOW + 24 * HOUR_MS);
  },
);

describe("what is no token is refused", () => {
  const answers: [string, Parameters<typeof check>, string][] = [
    ["expired", [NOW], "TokenExpired"],
    ["expired long ago", [-1e300], "TokenExpired"],
    ["no expiry", [undefined], "TokenInvalid"],
    ["an expiry that is text", [String(NOW + HOUR_MS)], "TokenInvalid"],
    ["an expiry without end", [Number.POSITIVE_INFINITY], "TokenInvalid"],
    ["no user name", [NOW + HOUR_MS, ""], "TokenInvalid"],
    ["a password that is a number", [NOW + HOUR_MS, "u", 7], "TokenInvalid"],
  ];
  test.each(answers)("%s", (_name, answer, code) => {
    const failure = (() => {
      try {
        return check(...answer);
      } catch (error) {
        return error;
      }
    })();
    expect(failure).toBeInstanceOf(Failure);
    expect((failure as Failure).code).toBe(code);
  });
});
