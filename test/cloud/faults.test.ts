import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { type IncomingMessage, request } from "node:http";
import { gunzipSync } from "node:zlib";
import { call } from "./client.ts";
import { type Cloud, startCloud } from "./cloud.ts";
import { instanceCorp, keyA } from "./defaultWorld.ts";

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterEach(() => cloud.reset());
afterAll(() => cloud.stop());

const operation = "GetAuthorizationToken" as const;
const token = () =>
  call({
    endpoint: cloud.endpoints.acrHttp,
    key: keyA,
    action: operation,
    query: { InstanceId: instanceCorp },
  });

/** A GET of the credentials URI with nothing unpacked or followed. */
function raw(): Promise<{
  status: number;
  headers: IncomingMessage["headers"];
  body: Buffer;
  whole: boolean;
}> {
  return new Promise((resolve, reject) => {
    const sent = request(cloud.endpoints.credentialsUri, { agent: false }, (response) => {
      const chunks: Buffer[] = [];
      const end = (whole: boolean) => () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks),
          whole,
        });
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => end(response.complete)());
      response.on("error", end(false));
    });
    sent.on("error", reject).end();
  });
}

describe("faults that replace the answer", () => {
  test("an error, as often as asked, after as many as asked", async () => {
    cloud.faults.set({ operation, kind: "error", code: "Forbidden.RAM", after: 1, times: 2 });
    const codes = [];
    for (let count = 0; count < 4; count++) codes.push((await token()).body.Code);
    expect(codes).toEqual(["success", "Forbidden.RAM", "Forbidden.RAM", "success"]);
    expect(cloud.issuedTokens.length).toBe(2);
    expect(cloud.calls(operation).map(({ fault }) => fault)).toEqual([
      undefined,
      "error",
      "error",
      undefined,
    ]);
  });

  test("faults of one operation follow one another", async () => {
    cloud.faults.set({ operation, kind: "status", status: 503, times: 1 });
    cloud.faults.set({
      operation,
      kind: "businessError",
      code: "INSTANCE_ACCESS_VPC_LIMIT_EXCEED",
      times: 1,
    });
    expect((await token()).status).toBe(503);
    const { status, body } = await token();
    expect([status, body.IsSuccess, body.Code]).toEqual([200, false, "INSTANCE_ACCESS_VPC_LIMIT_EXCEED"]);
    expect((await token()).body.IsSuccess).toBe(true);
  });

  test("throttling, by status and as IsSuccess false", async () => {
    cloud.faults.set({ operation, kind: "throttle", retryAfterSeconds: 2, retryAfterMs: 1500, times: 1 });
    const { status, headers, body } = await token();
    expect([status, body.Code]).toEqual([429, "Throttling.User"]);
    expect([headers.get("retry-after"), headers.get("x-acs-retry-after")]).toEqual(["2", "1500"]);
    cloud.faults.set({ operation, kind: "throttle", status: 200 });
    expect((await token()).body).toMatchObject({ IsSuccess: false, Code: "Throttling" });
  });

  test("malformed JSON, no body, a redirect, deep JSON", async () => {
    cloud.faults.set({ operation: "*", kind: "malformedJson", times: 1 });
    cloud.faults.set({ operation: "*", kind: "status", status: 502, body: null, times: 1 });
    cloud.faults.set({ operation: "*", kind: "redirect", location: "http://127.0.0.1:1/", times: 1 });
    cloud.faults.set({ operation: "*", kind: "deepJson", depth: 5, times: 1 });
    expect((await raw()).body.toString()).toBe("<html>It works!</html>");
    expect((await raw()).body.length).toBe(0);
    expect((await raw()).headers.location).toBe("http://127.0.0.1:1/");
    expect((await raw()).body.toString()).toBe("[[[[[]]]]]");
  });

  test("a huge body and a gzip bomb", async () => {
    cloud.faults.set({ operation: "*", kind: "hugeBody", mebibytes: 8, times: 1 });
    cloud.faults.set({ operation: "*", kind: "gzipBomb", mebibytes: 8, times: 1 });
    const huge = await raw();
    expect(JSON.parse(huge.body.toString()).Padding.length).toBe(8 * 1024 * 1024);
    const bomb = await raw();
    expect(bomb.body.length).toBeLessThan(20_000);
    expect(gunzipSync(bomb.body).length).toBe(8 * 1024 * 1024);
  });
});

describe("faults that spoil the answer", () => {
  test("types swapped, fields set and removed, an expired token", async () => {
    cloud.faults.set({ operation, kind: "wrongTypes", times: 1 });
    const set = { ExpireTime: "soon", "Deep.Er": 1 };
    cloud.faults.set({ operation, kind: "wrongTypes", set, remove: ["TempUsername"], times: 1 });
    cloud.faults.set({ operation, kind: "expiredToken", times: 1 });
    const swapped = (await token()).body;
    expect([typeof swapped.ExpireTime, typeof swapped.AuthorizationToken]).toEqual(["string", "number"]);
    const changed = (await token()).body;
    expect(changed).toMatchObject({ ExpireTime: "soon", Deep: { Er: 1 } });
    expect(changed.TempUsername).toBeUndefined();
    expect((await token()).body.ExpireTime).toBeLessThan(Date.now());
  });

  test("a truncated body, then the whole, byte by byte", async () => {
    cloud.faults.set({ operation: "*", kind: "truncated", bytes: 10, times: 1 });
    cloud.faults.set({ operation: "*", kind: "slowDrip", ms: 0, times: 1 });
    const cut = await raw();
    expect([cut.whole, cut.body.length]).toEqual([false, 10]);
    expect(Number(cut.headers["content-length"])).toBeGreaterThan(100);
    expect(JSON.parse((await raw()).body.toString()).Code).toBe("Success");
  });
});

describe("faults of the connection", () => {
  test("a reset", async () => {
    cloud.faults.set({ operation: "*", kind: "reset" });
    const error = await raw().catch((reason) => reason);
    expect(error.code).toBe("ECONNRESET");
  });

  test("a hang, until the client gives up", async () => {
    cloud.faults.set({ operation, kind: "hang" });
    const url = `${cloud.endpoints.acrHttp}/?Action=${operation}&Version=2018-12-01`;
    await expect(fetch(url, { signal: AbortSignal.timeout(100) })).rejects.toThrow();
    await Bun.sleep(20);
    expect(cloud.requests[0]).toMatchObject({ aborted: true, fault: "hang" });
    expect(cloud.requests[0]?.status).toBeUndefined();
  });

  test("a delay, with another fault behind it", async () => {
    cloud.faults.set({ operation, kind: "delay", ms: 60 });
    cloud.faults.set({ operation, kind: "error", code: "Forbidden.RAM", times: 1 });
    const start = performance.now();
    expect((await token()).body.Code).toBe("Forbidden.RAM");
    expect(performance.now() - start).toBeGreaterThan(55);
  });
});
