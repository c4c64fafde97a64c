import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { type AddressInfo, createServer } from "node:net";
import { callOpenApi, type OpenApiRequest } from "../../src/openapi/call.ts";
import { startCloud } from "../cloud/cloud.ts";
import { accountA, instanceCorp, keyA, powerlessKeyA } from "../cloud/defaultWorld.ts";
import type { FaultEffect } from "../cloud/faults/faultBook.ts";
import { failureOf, memoryCache, type TestRun, testRun } from "../support/testRun.ts";

const cloud = await startCloud();
afterAll(() => cloud.stop());
beforeEach(() => cloud.reset());

const endpoints = { acr: cloud.endpoints.acrHttp, sts: cloud.endpoints.stsHttp };
const credentials = { accessKeyId: keyA.id, accessKeySecret: keyA.secret };
const token: OpenApiRequest = {
  product: "cr",
  action: "GetAuthorizationToken",
  version: "2018-12-01",
  method: "POST",
  path: "/",
  query: { InstanceId: instanceCorp },
  regionId: "cn-hangzhou",
  network: "auto",
  credentials,
};

function cloudRun(wanted: Parameters<typeof testRun>[0] = {}): TestRun {
  return testRun({ ...wanted, config: { endpoints, ...wanted.config } });
}

const quick = { timeouts: { totalMs: 5000, requestMs: 150 } };

describe("an answer", () => {
  test("is the API's JSON object; its secrets are known to the sinks and the call is in the record", async () => {
    const run = cloudRun();
    const answer = await callOpenApi(run, token);
    expect(answer.TempUsername).toBe("cr_temp_user");
    expect(run.secrets.redact(`x ${answer.AuthorizationToken} x`)).toBe("x *** x");
    expect(run.secrets.redact(keyA.secret)).toBe("***");
    expect(run.record.calls).toHaveLength(1);
    expect(run.record.calls[0]).toMatchObject({
      api: "GetAuthorizationToken",
      endpoint: new URL(endpoints.acr).host,
      status: 200,
      requestId: cloud.requests[0]?.requestId as string,
    });
    expect(cloud.violations).toEqual([]);
  });

  test("comes over TLS when the authority is named in tls.caFile, besides NODE_EXTRA_CA_CERTS", async () => {
    const run = cloudRun({ config: { endpoints: cloud.endpoints, tls: { caFile: cloud.caFile } } });
    expect((await callOpenApi(run, token)).IsSuccess).toBe(true);
  });

  test("of the Personal Edition's ROA API comes by GET", async () => {
    const request: OpenApiRequest = {
      ...token,
      version: "2016-06-07",
      method: "GET",
      path: "/tokens",
      query: {},
    };
    expect((await callOpenApi(cloudRun(), request)).data).toMatchObject({ tempUserName: "cr_temp_user" });
    expect(cloud.violations).toEqual([]);
  });

  test("to an anonymous call with a form needs no signature, and the form is not in the URL", async () => {
    const form = {
      OIDCToken: cloud.issueServiceAccountToken({ namespace: "apps", serviceAccount: "puller" }),
      OIDCProviderArn: `acs:ram::${accountA}:oidc-provider/ack-rrsa-example`,
      RoleArn: `acs:ram::${accountA}:role/pod-puller`,
      RoleSessionName: "odd ü+&=".replace(/[^a-z]/g, "-"),
    };
    const config = { endpoints: cloud.endpoints, tls: { caFile: cloud.caFile } };
    const { credentials: _none, query: _query, ...request } = token;
    const answer = await callOpenApi(cloudRun({ config }), {
      ...request,
      product: "sts",
      action: "AssumeRoleWithOIDC",
      version: "2015-04-01",
      form,
    });
    expect(answer.Credentials).toBeObject();
    expect(cloud.violations).toEqual([]);
  });
});

describe("a passing failure is tried again, at most 4 times", () => {
  const passing: [string, FaultEffect][] = [
    ["HTTP 503 of the gateway", { kind: "status", status: 503 }],
    ["HTTP 502 of something else", { kind: "status", status: 502, body: "<html>" }],
    ["throttling with HTTP 429", { kind: "throttle" }],
    ["throttling with HTTP 400", { kind: "throttle", status: 400 }],
    ["throttling with HTTP 200", { kind: "throttle", status: 200 }],
    ["a reset", { kind: "reset" }],
    ["a truncated body", { kind: "truncated" }],
    ["no JSON", { kind: "malformedJson" }],
    ["no object", { kind: "malformedJson", body: "[]" }],
    ["nothing", { kind: "malformedJson", body: "" }],
    ["JSON of absurd depth", { kind: "deepJson" }],
  ];
  for (const [name, effect] of passing) {
    test(`${name}: the fourth attempt succeeds`, async () => {
      cloud.faults.set({ operation: "GetAuthorizationToken", times: 3, ...effect });
      const run = cloudRun();
      expect((await callOpenApi(run, token)).IsSuccess).toBe(true);
      expect(run.record.calls).toHaveLength(4);
      expect(run.slept).toHaveLength(3);
      expect(cloud.violations).toEqual([]);
    });

    test(`${name}: after four attempts it is a transient failure`, async () => {
      cloud.faults.set({ operation: "GetAuthorizationToken", ...effect });
      const run = cloudRun();
      const failure = await failureOf(callOpenApi(run, token));
      expect(run.record.calls).toHaveLength(4);
      expect(failure.transient).toBe(true);
      expect(failure.message).toContain("(4 attempts)");
      expect(failure.remedy).toBeString();
    });
  }

  test("backoff is exponential with full jitter", async () => {
    cloud.faults.set({ operation: "GetAuthorizationToken", kind: "reset" });
    const most = cloudRun({ random: () => 1 });
    await failureOf(callOpenApi(most, token));
    expect(most.slept).toEqual([250, 500, 1000]);
    const least = cloudRun({ random: () => 0 });
    await failureOf(callOpenApi(least, token));
    expect(least.slept).toEqual([]);
  });

  for (const [header, ms] of [
    [{ retryAfterMs: 1200 }, 1200],
    [{ retryAfterSeconds: 2 }, 2000],
  ] as const) {
    test(`the server's ${Object.keys(header)[0]} is respected`, async () => {
      cloud.faults.set({ operation: "GetAuthorizationToken", kind: "throttle", times: 1, ...header });
      const run = cloudRun({ random: () => 0 });
      await callOpenApi(run, token);
      expect(run.slept).toEqual([ms]);
    });
  }

  test("a wait longer than the run's time is not begun", async () => {
    cloud.faults.set({ operation: "GetAuthorizationToken", kind: "throttle", retryAfterSeconds: 60 });
    const run = cloudRun();
    const failure = await failureOf(callOpenApi(run, token));
    expect(run.record.calls).toHaveLength(1);
    expect(failure.code).toBe("Throttling.User");
    expect(failure.message).toContain("asked again in 60");
  });
});

describe("a refusal is final", () => {
  test("it keeps the API's code, status and request id, and says what to grant", async () => {
    const run = cloudRun();
    const powerless = { accessKeyId: powerlessKeyA.id, accessKeySecret: powerlessKeyA.secret };
    const failure = await failureOf(callOpenApi(run, { ...token, credentials: powerless }));
    expect(failure.code).toBe("NoPermission");
    expect(failure.transient).toBe(false);
    expect(failure.details).toEqual({
      api: "GetAuthorizationToken",
      endpoint: new URL(endpoints.acr).host,
      httpStatus: 403,
      requestId: cloud.requests[0]?.requestId as string,
    });
    expect(failure.remedy).toContain("cr:GetAuthorizationToken");
    expect(run.record.calls).toHaveLength(1);
    expect(run.record.calls[0]).toMatchObject({ status: 403, code: "NoPermission" });
  });

  const refusals: [string, FaultEffect, code: string, message: RegExp][] = [
    [
      "IsSuccess false with HTTP 200",
      { kind: "businessError", code: "INSTANCE_NOT_EXIST" },
      "INSTANCE_NOT_EXIST",
      /was refused/,
    ],
    [
      "HTTP 403 without JSON",
      { kind: "status", status: 403, body: "<h1>Forbidden</h1>" },
      "Http403",
      /HTTP 403/,
    ],
    ["a redirect", { kind: "redirect", location: "https://evil.example/" }, "Redirected", /redirects/],
    ["a huge body", { kind: "hugeBody", mebibytes: 2 }, "ResponseTooLarge", /1 MiB/],
    ["a code that is none", { kind: "error", code: "a b\nc" }, "Http403", /was refused/],
  ];
  for (const [name, effect, code, message] of refusals) {
    test(`${name}: ${code}`, async () => {
      cloud.faults.set({ operation: "GetAuthorizationToken", ...effect });
      const run = cloudRun();
      const failure = await failureOf(callOpenApi(run, token));
      expect(failure.code).toBe(code);
      expect(failure.message).toMatch(message);
      expect(failure.transient).toBe(false);
      expect(run.record.calls).toHaveLength(1);
    });
  }

  test("the API's message is one line of sane length, without the request that it quotes", async () => {
    const message = `Specified signature is not matched\nwith our calculation. server string to sign is: ${"x-acs-security-token:canary ".repeat(50)}`;
    cloud.faults.set({
      operation: "GetAuthorizationToken",
      kind: "error",
      code: "SignatureDoesNotMatch",
      message,
    });
    const failure = await failureOf(callOpenApi(cloudRun(), token));
    expect(failure.message).toBe(
      "GetAuthorizationToken: Specified signature is not matched with our calculation",
    );
    cloud.faults.clear();
    cloud.faults.set({
      operation: "GetAuthorizationToken",
      kind: "error",
      code: "X",
      message: "long ".repeat(1000),
    });
    const long = await failureOf(callOpenApi(cloudRun(), token));
    expect(long.message.length).toBeLessThan(400);
  });

  test("a compressed body is not unpacked", async () => {
    cloud.faults.set({ operation: "GetAuthorizationToken", kind: "gzipBomb" });
    const before = process.memoryUsage.rss();
    const failure = await failureOf(callOpenApi(cloudRun(), token));
    expect(failure.code).toBe("ResponseInvalid");
    expect(process.memoryUsage.rss() - before).toBeLessThan(100 * 1024 * 1024);
  });
});

describe("a wait is bounded and named", () => {
  for (const effect of [{ kind: "hang" }, { kind: "slowDrip", ms: 100 }] as const) {
    test(`${effect.kind}: waited for the host`, async () => {
      cloud.faults.set({ operation: "GetAuthorizationToken", ...effect });
      const run = cloudRun({ config: quick });
      const startedAt = Date.now();
      const failure = await failureOf(callOpenApi(run, token));
      expect(failure.code).toBe("Timeout");
      // All of the four attempts of 150 ms; the run's sleep between them only counts.
      const { host } = new URL(endpoints.acr);
      const [, waited] = /waited (\d\.\d) s for (\S+) \(4 attempts\)$/.exec(failure.message) ?? [];
      expect(failure.message).toContain(` s for ${host} (`);
      expect(Number(waited)).toBeGreaterThanOrEqual(0.6);
      expect(Number(waited)).toBeLessThanOrEqual((Date.now() - startedAt) / 1000 + 0.05);
      expect(run.record.calls).toHaveLength(4);
    });
  }

  test("a host that accepts the connection and never shakes hands", async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const acr = `https://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const run = testRun({ config: { endpoints: { acr }, ...quick } });
    const failure = await failureOf(callOpenApi(run, token));
    silent.close();
    expect(failure.code).toBe("Timeout");
    expect(run.record.calls).toHaveLength(4);
  });

  test("the run's time bounds all attempts together", async () => {
    cloud.faults.set({ operation: "GetAuthorizationToken", kind: "hang" });
    const run = cloudRun({ config: { timeouts: { totalMs: 400, requestMs: 300 } }, random: () => 0 });
    const startedAt = Date.now();
    const failure = await failureOf(callOpenApi(run, token));
    expect(Date.now() - startedAt).toBeLessThan(700);
    expect(failure.code).toBe("Timeout");
    expect(failure.details.endpoint).toBe(new URL(endpoints.acr).host);
  });
});

describe("a clock that is off", () => {
  test("is named with how much it is off, and is the remedy", async () => {
    const run = cloudRun({ now: () => Date.now() - 17 * 60_000 });
    const failure = await failureOf(callOpenApi(run, token));
    expect(failure.message).toContain("the node's clock is 17 min behind");
    expect(failure.remedy).toBe("set the node's clock (NTP)");
    expect(failure.transient).toBe(false);
  });

  test("is named besides another refusal", async () => {
    const powerless = { accessKeyId: powerlessKeyA.id, accessKeySecret: powerlessKeyA.secret };
    const run = cloudRun({ now: () => Date.now() + 9 * 60_000 });
    const failure = await failureOf(callOpenApi(run, { ...token, credentials: powerless }));
    expect(failure.code).toBe("NoPermission");
    expect(failure.message).toContain("the node's clock is 9 min ahead");
    expect(failure.remedy).toContain("cr:GetAuthorizationToken");
  });
});

describe("the other endpoint", () => {
  /** Answers for hosts as told: an address, or an error of the network. */
  function fakeNetwork(routes: Record<string, string | { code: string }>) {
    const asked: string[] = [];
    const fetchByHost = async (url: string, init: RequestInit) => {
      const { host, pathname, search } = new URL(url);
      asked.push(host);
      const route = routes[host] ?? { code: "ENOTFOUND" };
      if (typeof route !== "string") throw Object.assign(new TypeError("no"), route);
      return fetch(`${route}${pathname}${search}`, { ...init, headers: { ...init.headers, host } });
    };
    return { asked, fetch: fetchByHost };
  }
  const VPC = "cr-vpc.cn-hangzhou.aliyuncs.com";
  const PUBLIC = "cr.cn-hangzhou.aliyuncs.com";
  const inVpc: OpenApiRequest = { ...token, network: "vpcFirst" };

  for (const code of ["ECONNREFUSED", "ENOTFOUND", "EHOSTUNREACH", "ETIMEDOUT"]) {
    test(`is tried at once when the first cannot be reached (${code}), and remembered`, async () => {
      const cache = memoryCache();
      const network = fakeNetwork({ [VPC]: { code }, [PUBLIC]: endpoints.acr });
      const run = testRun({ cache, fetch: network.fetch });
      expect((await callOpenApi(run, inVpc)).IsSuccess).toBe(true);
      expect(network.asked).toEqual([VPC, PUBLIC]);
      expect(run.slept).toEqual([]);
      await callOpenApi(testRun({ cache, fetch: network.fetch }), inVpc);
      expect(network.asked).toEqual([VPC, PUBLIC, PUBLIC]);
    });
  }

  test("is forgotten after some hours", async () => {
    let now = Date.now();
    const cache = memoryCache(() => now);
    const network = fakeNetwork({ [VPC]: { code: "ENOTFOUND" }, [PUBLIC]: endpoints.acr });
    await callOpenApi(testRun({ cache, fetch: network.fetch }), inVpc);
    now += 6 * 60 * 60 * 1000;
    await callOpenApi(testRun({ cache, fetch: network.fetch }), inVpc);
    expect(network.asked).toEqual([VPC, PUBLIC, VPC, PUBLIC]);
  });

  test("is not tried after a refusal of the API", async () => {
    const network = fakeNetwork({ [VPC]: endpoints.acr, [PUBLIC]: endpoints.acr });
    cloud.faults.set({ operation: "GetAuthorizationToken", kind: "error", code: "NoPermission" });
    await failureOf(callOpenApi(testRun({ fetch: network.fetch }), inVpc));
    expect(network.asked).toEqual([VPC]);
  });

  test("is not tried with network public", async () => {
    const network = fakeNetwork({});
    await failureOf(callOpenApi(testRun({ fetch: network.fetch }), { ...token, network: "public" }));
    expect(new Set(network.asked)).toEqual(new Set([PUBLIC]));
  });

  test("neither reached: both are tried in turn, four attempts in all", async () => {
    const network = fakeNetwork({});
    const failure = await failureOf(callOpenApi(testRun({ fetch: network.fetch }), inVpc));
    expect(network.asked).toEqual([VPC, PUBLIC, VPC, PUBLIC]);
    expect(failure.code).toBe("HostNotFound");
    expect(failure.message).toContain(`connect to ${PUBLIC}: the name does not resolve`);
    expect(failure.message).toContain(`no connection to ${VPC} either`);
  });
});
