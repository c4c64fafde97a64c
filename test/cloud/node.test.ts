import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { get } from "node:https";
import { call, keyOf } from "./client.ts";
import { type Cloud, startCloud } from "./cloud.ts";
import { accountA, instanceCorp, nodeRoleName } from "./defaultWorld.ts";

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterEach(() => cloud.reset());
afterAll(() => cloud.stop());

const roles = "/latest/meta-data/ram/security-credentials/";
const ask = (path: string, token?: string) =>
  fetch(
    `${cloud.endpoints.metadata}${path}`,
    token ? { headers: { "X-aliyun-ecs-metadata-token": token } } : {},
  );

async function hardened(seconds = "21600"): Promise<Response> {
  const headers = { "X-aliyun-ecs-metadata-token-ttl-seconds": seconds };
  return fetch(`${cloud.endpoints.metadata}/latest/api/token`, { method: "PUT", headers });
}

describe("the metadata service", () => {
  test("gives the node's role credentials in hardened mode", async () => {
    const token = await (await hardened()).text();
    expect(await (await ask("/latest/meta-data/region-id", token)).text()).toBe("cn-hangzhou");
    expect(await (await ask("/latest/meta-data/owner-account-id", token)).text()).toBe(accountA);
    expect(await (await ask(roles, token)).text()).toBe(nodeRoleName);
    const document = (await (await ask(`${roles}${nodeRoleName}`, token)).json()) as Record<string, string>;
    expect(document.Code).toBe("Success");
    expect(document.Expiration).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const answer = await call({
      endpoint: cloud.endpoints.acrHttp,
      key: keyOf(document),
      action: "GetAuthorizationToken",
      query: { InstanceId: instanceCorp },
    });
    expect(answer.body.IsSuccess).toBe(true);
    expect(cloud.requests.map(({ operation }) => operation)).toEqual([
      "MetadataToken",
      "MetadataRegion",
      "MetadataOther",
      "MetadataRole",
      "MetadataRoleCredentials",
      "GetAuthorizationToken",
    ]);
  });

  test("refuses wrong lives, no token, a wrong token and an old one", async () => {
    for (const seconds of ["", "0", "21601", "x"]) expect((await hardened(seconds)).status).toBe(400);
    expect((await ask(roles)).status).toBe(403);
    expect((await ask(roles, "wrong")).status).toBe(403);
    const token = await (await hardened("60")).text();
    cloud.clock.skewMs = 61_000;
    expect((await ask(roles, token)).status).toBe(403);
  });

  test("answers without a token where that is allowed, and 404 without a role", async () => {
    cloud.world.node.httpTokens = "optional";
    expect((await ask(roles)).status).toBe(200);
    cloud.world.node.roleName = null;
    expect((await ask(roles)).status).toBe(404);
    expect((await ask(`${roles}${nodeRoleName}`)).status).toBe(404);
    Object.assign(cloud.world.node, { httpTokens: "required", roleName: nodeRoleName });
  });
});

test("the credentials URI gives a session", async () => {
  const document = (await (await fetch(cloud.endpoints.credentialsUri)).json()) as Record<string, string>;
  const identity = await call({
    endpoint: cloud.endpoints.stsHttp,
    key: keyOf(document),
    action: "GetCallerIdentity",
    version: "2015-04-01",
  });
  expect(identity.body.Arn).toContain("assumed-role/uri-puller/");
});

test.each([
  "127.0.0.1",
  "cr.cn-hangzhou.aliyuncs.com",
  "sts-vpc.cn-beijing.aliyuncs.com",
  "sts.aliyuncs.com",
])("TLS holds for %s", async (servername) => {
  const { port } = new URL(cloud.endpoints.acr);
  const ca = readFileSync(cloud.caFile);
  const status = await new Promise((resolve, reject) => {
    const options = servername === "127.0.0.1" ? {} : { servername };
    get({ host: "127.0.0.1", port, ca, ...options }, (response) => resolve(response.statusCode)).on(
      "error",
      reject,
    );
  });
  expect(status).toBe(404);
});

test("every secret is known, for those who look for leaks", async () => {
  const token = await (await hardened()).text();
  expect(cloud.secrets).toContain(token);
  expect(cloud.secrets.every((secret) => secret.length > 20)).toBe(true);
});
