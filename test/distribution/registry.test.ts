import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { authorize } from "../../src/distribution/authorize.ts";
import { askForLayer, readLayerStart } from "../../src/distribution/layer.ts";
import { readManifest } from "../../src/distribution/manifest.ts";
import { registryChallenge } from "../../src/distribution/repository.ts";
import { type Cloud, startCloud } from "../cloud/cloud.ts";
import { failureOf, testRun } from "../support/testRun.ts";

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.stop());

/** A server on loopback for one test: its `host:port`, and a run that trusts it. */
async function serving<Value>(
  answer: (request: Request) => Response | Promise<Response>,
  use: (host: string, run: ReturnType<typeof testRun>) => Promise<Value>,
): Promise<Value> {
  const tls = cloud.issueCertificate(["127.0.0.1"]);
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, tls, fetch: answer });
  try {
    return await use(`127.0.0.1:${server.port}`, testRun({ config: { tls: { caFile: cloud.caFile } } }));
  } finally {
    await server.stop(true);
  }
}

const name = "team/web";
const layer = { digest: `sha256:${"a".repeat(64)}`, size: 3 };
const login = { username: "u", password: "password-of-u" };

describe("authorization", () => {
  test("Basic: the registry itself gets the credentials, and no one else is asked", async () => {
    const run = testRun();
    const grant = await authorize(
      run,
      { scheme: "basic", realm: "" },
      { host: "a.example.com", name },
      login,
    );
    expect(grant).toEqual({ authorization: `Basic ${btoa("u:password-of-u")}` });
    expect(run.secrets.redact(grant.authorization)).not.toContain(btoa("u:password-of-u"));
  });

  const tokens: [name: string, answer: object, actions: string[] | undefined][] = [
    ["an opaque token", { token: "opaque-token" }, undefined],
    ["a JWT without access", { token: jwt({ sub: "x" }) }, undefined],
    ["a JWT that grants nothing", { token: jwt({ access: [] }) }, []],
    [
      "a JWT for another repository",
      { token: jwt({ access: [{ type: "repository", name: "x/y", actions: ["pull"] }] }) },
      [],
    ],
    [
      "an access_token that grants pull",
      { access_token: jwt({ access: [{ type: "repository", name, actions: ["pull", "push"] }] }) },
      ["pull", "push"],
    ],
    [
      "a JWT whose access is damaged",
      { token: jwt({ access: [null, 7, { type: "repository", name, actions: [7, "pull"] }] }) },
      ["pull"],
    ],
  ];
  for (const [what, answer, actions] of tokens) {
    test(`bearer: ${what}`, () =>
      serving(
        () => Response.json(answer),
        async (host, run) => {
          const challenge = { scheme: "bearer", realm: `https://${host}/auth`, service: "s" } as const;
          const grant = await authorize(run, challenge, { host, name }, login);
          expect(grant.actions).toEqual(actions as string[]);
          expect(run.secrets.redact(`x ${grant.authorization}`)).toMatch(/^x (Bearer )?\*\*\*/);
        },
      ));
  }

  test("an answer without a token is a failure that quotes nothing of it", () =>
    serving(
      () => Response.json({ secret: "CANARY" }),
      async (host, run) => {
        const challenge = { scheme: "bearer", realm: `https://${host}/auth` } as const;
        const failure = await failureOf(authorize(run, challenge, { host, name }, login));
        expect(failure.code).toBe("BearerTokenMissing");
        expect(failure.message).not.toContain("CANARY");
      },
    ));
});

describe("answers of a registry that is not one", () => {
  test("a login page instead of /v2/", () =>
    serving(
      () => new Response(null, { status: 302, headers: { location: "https://login.example.com" } }),
      async (host, run) => {
        const failure = await failureOf(registryChallenge(run, host));
        expect(failure.message).toBe(`GET /v2/: ${host} answers HTTP 302`);
      },
    ));

  test("a message of many lines is one line, short, without a secret", () =>
    serving(
      () =>
        Response.json({ errors: [{ code: "DENIED", message: `a\nb ${"x".repeat(500)}` }] }, { status: 403 }),
      async (host, run) => {
        const failure = await failureOf(registryChallenge(run, host));
        expect(failure.code).toBe("DENIED");
        expect(failure.message).toMatch(/HTTP 403 \(DENIED: a b x+…\)$/);
        expect(failure.message.length).toBeLessThan(300);
      },
    ));

  const manifests: [name: string, body: string, code: string][] = [
    ["not JSON", "<html>", "ManifestInvalid"],
    ["of schema 1", '{"schemaVersion": 1, "fsLayers": []}', "ManifestInvalid"],
    ["without layers", '{"schemaVersion": 2}', "ManifestInvalid"],
    ["an index of nothing", '{"manifests": []}', "PlatformMissing"],
    ["an index that is damaged", '{"manifests": [null, 7, {"platform": 3}]}', "PlatformMissing"],
  ];
  for (const [what, body, code] of manifests) {
    test(`a manifest: ${what}`, () =>
      serving(
        () => new Response(body),
        async (host, run) => {
          const failure = await failureOf(readManifest(run, { host, name }, "1"));
          expect(failure.code).toBe(code);
          expect(failure.remedy).toBeString();
        },
      ));
  }
});

describe("a layer", () => {
  test("of a registry that ignores the range and never ends is read no further than its first bytes", () =>
    serving(
      () => new Response(new ReadableStream({ pull: (stream) => stream.enqueue(Buffer.alloc(512)) })),
      async (host, run) => {
        const place = await askForLayer(run, { host, name }, layer.digest);
        expect("bytes" in place && place.bytes).toBeGreaterThanOrEqual(1024);
      },
    ));

  test("by a redirect: the registry gets the authorization, the other host does not, and the signature is a secret", async () => {
    const sent: (string | null)[] = [];
    await serving(
      ({ url, headers }) => {
        sent.push(headers.get("authorization"));
        const { pathname, host } = new URL(url);
        if (pathname === "/data") return new Response("abc", { status: 206 });
        return new Response(null, {
          status: 307,
          headers: { location: `https://${host}/data?Signature=0123456789abcdef` },
        });
      },
      async (host, run) => {
        const place = await askForLayer(run, { host, name, authorization: "Bearer t" }, layer.digest);
        if (!("redirect" in place)) throw new Error("no redirect");
        expect(await readLayerStart(run, place.redirect)).toBe(3);
        expect(run.secrets.redact(place.redirect.href)).not.toContain("0123456789abcdef");
      },
    );
    expect(sent).toEqual(["Bearer t", null]);
  });

  test("a redirect to a file is not followed", () =>
    serving(
      () => new Response(null, { status: 307, headers: { location: "file:///etc/shadow" } }),
      async (host, run) => {
        expect((await failureOf(askForLayer(run, { host, name }, layer.digest))).code).toBe(
          "RedirectInvalid",
        );
      },
    ));
});

function jwt(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none" })}.${part(claims)}.signature`;
}
