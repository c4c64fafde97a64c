import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Failure } from "../../src/failure/failure.ts";
import { parseServiceAccount } from "../../src/identity/serviceAccount.ts";

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const jwt = (claims: unknown) => `${encode({ alg: "RS256" })}.${encode(claims)}.c2lnbmF0dXJl`;

/** As a Kubernetes API server issues them. */
const claims = {
  aud: ["sts.aliyuncs.com"],
  exp: 1_800_000_000,
  iat: 1_799_996_400,
  iss: "https://oidc.example.com",
  "kubernetes.io": {
    namespace: "apps",
    node: { name: "node-1", uid: "n" },
    pod: { name: "p", uid: "u" },
    serviceaccount: { name: "puller", uid: "0b5e-uid" },
  },
  sub: "system:serviceaccount:apps:puller",
};

test("reads who the token is for", () => {
  const annotations = { a: "b" };
  const token = jwt(claims);
  expect(parseServiceAccount(token, annotations)).toEqual({
    namespace: "apps",
    name: "puller",
    nodeName: "node-1",
    subject: "system:serviceaccount:apps:puller",
    token: { raw: token, issuer: "https://oidc.example.com", audience: ["sts.aliyuncs.com"] },
    annotations,
  });
});

test("a token without Kubernetes' own claim, and an audience that is one string", () => {
  const { "kubernetes.io": _own, ...rest } = claims;
  const account = parseServiceAccount(jwt({ ...rest, aud: "x" }), {});
  expect(account).toMatchObject({ namespace: "apps", name: "puller", token: { audience: ["x"] } });
  expect(account).not.toHaveProperty("nodeName");
});

describe("a token that is none is refused, and nothing of it is quoted", () => {
  const own = (value: unknown) => jwt({ ...claims, "kubernetes.io": value });
  const wrong: [string, string, RegExp][] = [
    ["nothing", "", /not a JSON Web Token/],
    ["no JWT", "CANARY", /not a JSON Web Token/],
    ["two parts", jwt(claims).split(".").slice(0, 2).join("."), /not a JSON Web Token/],
    ["claims that are no object", jwt(["CANARY"]), /not a JSON Web Token/],
    ["a line break", `${jwt(claims)}\n`, /not a JSON Web Token/],
    ["absurd length", jwt({ ...claims, x: "a".repeat(20_000) }), /longer than 20000/],
    ["a user", jwt({ ...claims, sub: "CANARY" }), /names no service account/],
    ["no subject", jwt({ ...claims, sub: undefined }), /names no service account/],
    [
      "a subject with more parts",
      jwt({ ...claims, sub: "system:serviceaccount:a:b:c" }),
      /names no service account/,
    ],
    ["an empty namespace", jwt({ ...claims, sub: "system:serviceaccount::b" }), /names no service account/],
    [
      "a namespace with a slash",
      jwt({ ...claims, sub: "system:serviceaccount:a/b:c" }),
      /names no service account/,
    ],
    ["an upper case name", jwt({ ...claims, sub: "system:serviceaccount:a:B" }), /names no service account/],
    [
      "another namespace in the own claim",
      own({ ...claims["kubernetes.io"], namespace: "x" }),
      /another service account/,
    ],
    [
      "another name in the own claim",
      own({ namespace: "apps", serviceaccount: { name: "x" } }),
      /another service account/,
    ],
    [
      "an own claim without account",
      own({ namespace: "apps", serviceaccount: null }),
      /another service account/,
    ],
    ["an own claim that is no object", own("CANARY"), /another service account/],
    ["no issuer", jwt({ ...claims, iss: 7 }), /no iss/],
    ["no audience", jwt({ ...claims, aud: undefined }), /no aud/],
    ["an audience of numbers", jwt({ ...claims, aud: [1] }), /no aud/],
    ["no expiry", jwt({ ...claims, exp: "soon" }), /no exp/],
  ];
  for (const [name, token, message] of wrong) {
    test(name, () => {
      const failure = failureOf(() => parseServiceAccount(token, {}));
      expect(failure).toMatchObject({ code: "ServiceAccountTokenInvalid", exitStatus: 2 });
      expect(failure.message).toMatch(message);
      expect(failure.message).not.toContain("CANARY");
    });
  }
});

test("any claims: an account that the subject names, or a Failure", () => {
  const value = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.constant(null),
    fc.array(fc.string(), { maxLength: 2 }),
  );
  const odd = fc.record(
    {
      sub: fc.oneof(
        value,
        fc.constant(claims.sub),
        fc.tuple(fc.string(), fc.string()).map(([a, b]) => `system:serviceaccount:${a}:${b}`),
      ),
      iss: fc.oneof(value, fc.constant(claims.iss)),
      aud: fc.oneof(value, fc.constant(claims.aud)),
      exp: fc.oneof(value, fc.constant(claims.exp)),
      "kubernetes.io": fc.oneof(value, fc.jsonValue(), fc.constant(claims["kubernetes.io"])),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(odd.map(jwt), fc.string(), fc.jsonValue().map(jwt)), (token) => {
      try {
        const account = parseServiceAccount(token, {});
        expect(account.subject).toBe(`system:serviceaccount:${account.namespace}:${account.name}`);
        expect(account.namespace + account.name).toMatch(/^[a-z0-9.-]+$/);
      } catch (error) {
        expect(error).toBeInstanceOf(Failure);
      }
    }),
    { numRuns: 500 },
  );
});

function failureOf(work: () => unknown): Failure {
  try {
    work();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error("it did not fail");
}
