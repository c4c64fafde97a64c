import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { version } from "../../../package.json";
import {
  accountA,
  externalId,
  keyA,
  oidcProvider,
  roleAcrExternal,
  rolePodPuller,
} from "../../cloud/defaultWorld.ts";
import type { FaultEffect } from "../../cloud/faults/faultBook.ts";
import { corp, IMAGE, SHARED, shared, useIdentityNode } from "../support/identityNode.ts";
import { opened, operations } from "../support/outcomes.ts";

/** Where what is asked of STS travels: in the forms of its official clients, and never where it would be printed. */
const at = useIdentityNode();
const policy = JSON.stringify({
  Version: "1",
  Statement: [{ Effect: "Allow", Action: ["cr:*"], Resource: "*" }],
});
const user = { source: "accessKey", accessKeyId: keyA.id, accessKeySecret: keyA.secret };
const chain = {
  ...user,
  assumeRoles: [{ roleArn: roleAcrExternal, externalId, policy, sessionName: "node" }],
};

/** The query that was sent, by name. */
function queryOf(target: string | undefined): Record<string, string> {
  return Object.fromEntries(new URL(target ?? "", "http://127.0.0.1").searchParams);
}

test("AssumeRole is a V3 call with its parameters in the query and without a body", async () => {
  at.node.configure({ registries: [shared], identity: chain });
  opened(at.cloud, await at.node.pull(`${SHARED}/apps/web`));
  const [call] = at.cloud.calls("AssumeRole");
  expect(call).toMatchObject({ method: "POST", signature: "ACS3-HMAC-SHA256" });
  expect(queryOf(call?.target)).toEqual({
    DurationSeconds: "3600",
    ExternalId: externalId,
    Policy: policy,
    RoleArn: roleAcrExternal,
    RoleSessionName: "node",
  });
  expect(call?.headers).toMatchObject({ "x-acs-action": "AssumeRole", "content-length": "0" });
  expect(call?.headers).not.toHaveProperty("content-type");
});

test("AssumeRoleWithOIDC is named in the query, its token and the other parameters are in the body", async () => {
  const identity = { source: "serviceAccountToken", roleArn: rolePodPuller, oidcProviderArn: oidcProvider };
  at.node.configure({ registries: [corp], identity });
  const serviceAccountToken = at.cloud.issueServiceAccountToken({
    namespace: "apps",
    serviceAccount: "puller",
  });
  opened(at.cloud, await at.node.pull(IMAGE, { serviceAccountToken }));
  const [call] = at.cloud.calls("AssumeRoleWithOIDC");
  expect(queryOf(call?.target)).toEqual({
    Action: "AssumeRoleWithOIDC",
    Format: "JSON",
    SignatureNonce: expect.stringMatching(/^[0-9a-f]{32}$/),
    Timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    Version: "2015-04-01",
  });
  expect(call?.parameters).toMatchObject({ OIDCToken: serviceAccountToken, RoleArn: rolePodPuller });
  const names = Object.keys(call?.headers ?? {}).filter((name) => /^x-acs-|^authorization$/.test(name));
  expect(names).toEqual([]);
  expect(call?.headers["content-type"]).toBe("application/x-www-form-urlencoded");
});

test("every call names the program and its version, in the form of the official clients", async () => {
  at.node.configure({
    registries: [corp],
    identity: { source: "ecsRamRole", assumeRoles: [{ roleArn: `acs:ram::${accountA}:role/none` }] },
  });
  await at.node.pull(IMAGE);
  at.node.configure({ registries: [corp], identity: user });
  await at.node.pull(IMAGE);
  const asked = operations(at.cloud);
  for (const one of ["MetadataToken", "AssumeRole", "GetAuthorizationToken"]) expect(asked).toContain(one);
  for (const { headers } of at.cloud.requests) {
    expect(headers["user-agent"]).toMatch(
      /^AlibabaCloud \([a-z0-9]+; [a-z0-9]+\) aliyun-acr-credential-provider\//,
    );
    expect(headers["user-agent"]).toEndWith(`/${version}`);
  }
});

describe("no failure prints the query of AssumeRole", () => {
  const quoted = `server string to sign is: POST / ExternalId=${externalId}&Policy=x`;
  const effects: [string, FaultEffect][] = [
    ["a redirect", { kind: "redirect", location: `https://login.example/?ExternalId=${externalId}` }],
    ["a signature that does not match", { kind: "error", code: "SignatureDoesNotMatch", message: quoted }],
    ["a refusal", { kind: "error", code: "NoPermission" }],
    ["a reset", { kind: "reset" }],
    ["a page of a proxy", { kind: "status", status: 502, body: `<a href="/?ExternalId=${externalId}">` }],
    ["no JSON", { kind: "malformedJson", body: `ExternalId=${externalId}` }],
    ["no answer", { kind: "hang" }],
  ];
  test.each(effects)("%s", async (_name, effect) => {
    const timeouts = { total: "1s", request: "300ms" };
    at.node.configure({ registries: [shared], identity: chain, timeouts });
    at.cloud.faults.set({ operation: "AssumeRole", ...effect });
    const failed = await at.node.pull(`${SHARED}/apps/web`);
    const explained = await at.node.run(["explain", `${SHARED}/apps/web`, "--fetch"]);
    expect(failed).toMatchObject({ status: 1, stdout: "" });
    expect(at.cloud.calls("AssumeRole").length).toBeGreaterThan(0);
    expect(existsSync(at.node.logFile)).toBe(true);
    const said = failed.stderr + readFileSync(at.node.logFile, "utf8") + explained.stdout + explained.stderr;
    for (const part of ["ExternalId=", externalId, "cr:*", encodeURIComponent("cr:*"), "RoleSessionName"]) {
      expect(said).not.toContain(part);
    }
  });
});
