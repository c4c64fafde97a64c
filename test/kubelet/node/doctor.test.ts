import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { accountA, instanceCorp, nodeRoleName } from "../../cloud/defaultWorld.ts";
import { roleArn } from "../../cloud/model/arn.ts";
import type { Check } from "../../support/doctor.ts";
import { executable } from "../setup/paths.ts";
import { cgroupVariable } from "./enclosure.ts";
import {
  enterpriseHost,
  farHost,
  layerHost,
  lookAlikeHost,
  type Node,
  personalHost,
  startNode,
} from "./node.ts";
import { tokenServerHost } from "./regionCloud.ts";
import { keepLogs } from "./service.ts";

/** Against Debian's docker-registry and a token server that signs what it verifies. What is stopped stays so. */
describe.skipIf(!process.env[cgroupVariable])("doctor on a whole node", () => {
  let node: Node;
  beforeAll(async () => {
    node = await startNode();
  });
  afterAll(keepLogs);
  afterEach(() => {
    expect(node.cloud.violations).toEqual([]);
    node.cloud.reset();
  });

  async function checksOf(group: string, image: string): Promise<Check[]> {
    const child = Bun.spawn([executable, "doctor", image, "--config", node.configFile, "--output", "json"], {
      cwd: "/",
      env: {},
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
    for (const secret of node.cloud.secrets) expect(stdout + stderr).not.toContain(secret);
    expect(stdout).not.toContain("eyJ");
    const { checks } = JSON.parse(stdout) as { checks: Check[] };
    return checks.filter((check) => check.group === group);
  }

  const pulled = (image: string) => checksOf("images", image);

  const image = `${enterpriseHost}/team/web:1`;

  async function failureOf(pulledImage: string): Promise<Required<Pick<Check, "id" | "found" | "remedy">>> {
    const failed = (await pulled(pulledImage)).filter(({ status }) => status === "failed");
    expect(failed).toHaveLength(1);
    const { id, found, remedy = "" } = failed[0] as Check;
    return { id, found, remedy };
  }

  test("an image that can be pulled, its layer from the host that the registry redirects to", async () => {
    const checks = await pulled(image);
    expect(checks.map(({ id, status }) => `${id} ${status}`)).toEqual([
      "credentials ok",
      "registry ok",
      "login ok",
      "manifest ok",
      "layer ok",
    ]);
    const found = Object.fromEntries(checks.map((check) => [check.id, check.found]));
    expect(found.registry).toBe(`${enterpriseHost} answers; tokens come from ${tokenServerHost}`);
    expect(found.login).toBe(`${tokenServerHost} accepts the credentials and grants pull`);
    expect(found.layer).toBe(`first bytes of a layer from ${layerHost}`);
    const requests = node.layerServer.requests.filter(({ path }) => path !== "/");
    expect(requests.map(({ range, hasCredentials }) => ({ range, hasCredentials }))).toEqual([
      { range: "bytes=0-1023", hasCredentials: false },
    ]);
  });

  test("the Personal Edition, whose registry serves its layers itself here", async () => {
    const checks = await pulled(`${personalHost}/team/web:1`);
    expect(checks.map(({ status }) => status)).toEqual(["ok", "ok", "ok", "ok", "ok"]);
    expect(checks.at(-1)?.found).toBe(`first bytes of a layer from ${personalHost} itself`);
  });

  test("a look-alike host is not a registry of the config, and is not asked", async () => {
    const before = node.registries.lookAlike.position();
    const [credentials, ...others] = await pulled(`${lookAlikeHost}/team/web:1`);
    expect(credentials?.status).toBe("warning");
    expect(credentials?.found).toContain("is not a registry of this config");
    expect(new Set(others.map(({ status }) => status))).toEqual(new Set(["skipped"]));
    expect(node.registries.lookAlike.logSince(before)).toBe("");
  });

  test("every host that a pull needs, by the names that the node resolves", async () => {
    const checks = await checksOf("network", image);
    expect(checks.map(({ id, status }) => `${id} ${status}`)).toEqual([
      "proxy ok",
      "api ok",
      "api ok",
      "sts ok",
      "sts ok",
      "registry ok",
      "token-realm ok",
      "layers ok",
      "clock ok",
    ]);
    expect(checks.find(({ id }) => id === "layers")?.found).toStartWith(
      "resolves to 127.0.0.15, answers (HTTP",
    );
  });

  test("without entries the instance that the image leads to is discovered", async () => {
    const checks = await checksOf("instances", image);
    expect(checks.map(({ id, status }) => `${id} ${status}`)).toEqual([
      "endpoint ok",
      "domains ok",
      "token ok",
    ]);
    expect(checks[0]?.subject).toBe(`discovery (${instanceCorp} in cn-hangzhou)`);
    expect(checks[0]?.found).toBe("cr-vpc.cn-hangzhou.aliyuncs.com answers");
  });

  test("a name, and no DNS server that answers", async () => {
    const host = "corp-registry.cn-hangzhou.cr.aliyuncs.com";
    const checks = await checksOf("network", `${host}/team/web:1`);
    const registry = checks.find(({ id }) => id === "registry");
    expect(registry?.status).toBe("failed");
    expect(registry?.found).toBe(`resolve ${host}: no DNS server of this node answers`);
    expect(registry?.remedy).toContain(`try: getent hosts ${host}; cat /etc/resolv.conf`);
    const realm = checks.find(({ id }) => id === "token-realm");
    expect(realm?.status).toBe("warning");
    expect(realm?.subject).toBe(
      "dockerauth-ee.cn-hangzhou.aliyuncs.com (token realm, by the naming rule of cn-hangzhou)",
    );
  });

  test("an address inside Alibaba Cloud that nothing routes to", async () => {
    const checks = await checksOf("network", `${farHost}/team/web:1`);
    const registry = checks.find(({ id }) => id === "registry");
    expect(registry?.status).toBe("failed");
    expect(registry?.found).toStartWith("connect to 100.64.0.9:443: no route to it; 100.64.0.9 is inside");
    expect(registry?.remedy).toContain("route 100.64.0.0/10 from this network to a VPC of the region");
  });

  test("a name that the DNS server does not know", async () => {
    const dns = createSocket("udp4");
    // The question, turned into an answer: there is no such name.
    dns.on("message", (question, { port, address }) => {
      dns.send(
        Buffer.concat([question.subarray(0, 2), Buffer.of(0x81, 0x83), question.subarray(4)]),
        port,
        address,
      );
    });
    dns.bind(53, "127.0.0.1");
    await once(dns, "listening");
    const host = "corp-registry.cn-hangzhou.cr.aliyuncs.com";
    const checks = await checksOf("network", `${host}/team/web:1`);
    dns.close();
    const registry = checks.find(({ id }) => id === "registry");
    expect(registry?.status).toBe("failed");
    expect(registry?.found).toBe(`connect to ${host}: the name does not resolve`);
  });

  test("not allowed to pull", async () => {
    const role = node.cloud.world.accounts[0]?.roles.find(({ name }) => name === nodeRoleName);
    const before = structuredClone(role?.permissions);
    node.cloud.revoke({ arn: roleArn(accountA, nodeRoleName), action: "cr:PullRepository" });
    const { id, found, remedy } = await failureOf(image);
    role?.permissions.splice(0, role.permissions.length, ...(before ?? []));
    expect(id).toBe("login");
    expect(found).toStartWith(`ecsRamRole ${nodeRoleName} may not pull team/web from ${enterpriseHost}`);
    const resource = `acs:cr:cn-hangzhou:*:repository/${instanceCorp}/team/web`;
    expect(remedy).toContain(
      `{ "Effect": "Allow", "Action": "cr:PullRepository", "Resource": "${resource}" }`,
    );
  });

  test("no such tag", async () => {
    const { id, found, remedy } = await failureOf(`${enterpriseHost}/team/web:2`);
    expect(id).toBe("manifest");
    expect(found).toBe(`no such tag: ${enterpriseHost}/team/web has no tag 2; its tags: 1`);
    expect(remedy).toContain("push 2, or name a tag that is there");
  });

  test("no such digest", async () => {
    const { id, found } = await failureOf(`${enterpriseHost}/team/web@sha256:${"0".repeat(64)}`);
    expect(id).toBe("manifest");
    expect(found).toStartWith(`no such digest: ${enterpriseHost}/team/web has no manifest sha256:0000`);
  });

  test("no such repository", async () => {
    const { id, found, remedy } = await failureOf(`${enterpriseHost}/team/nothing:1`);
    expect(id).toBe("manifest");
    expect(found).toStartWith("no such repository: ");
    expect(remedy).toContain("correct the name team/nothing");
  });

  test("layer host unreachable", async () => {
    await node.layerServer.stop();
    const { id, found, remedy } = await failureOf(image);
    expect(id).toBe("layer");
    expect(found).toStartWith(`the layer host is unreachable: connect to ${layerHost}: connection refused`);
    expect(remedy).toContain(`curl -v https://${layerHost}/`);
  });

  test("token realm unreachable", async () => {
    await node.tokenServer.stop();
    const { id, found, remedy } = await failureOf(image);
    expect(id).toBe("login");
    expect(found).toStartWith(
      `the token realm is unreachable: connect to ${tokenServerHost}: connection refused`,
    );
    expect(remedy).toContain(`curl -v https://${tokenServerHost}/`);
  });

  test("registry unreachable", async () => {
    await node.registries.enterprise.stop();
    const { id, found, remedy } = await failureOf(image);
    expect(id).toBe("registry");
    expect(found).toStartWith(
      `the registry is unreachable: connect to ${enterpriseHost}: connection refused`,
    );
    // Its VPC is linked, so that is not it.
    expect(found).not.toContain("VPC");
    expect(remedy).toContain(`curl -v https://${enterpriseHost}/`);
    node.cloud.world.node.vpcId = "vpc-another";
    const other = await failureOf(image);
    node.cloud.world.node.vpcId = "vpc-example";
    expect(other.found).toStartWith(
      `this node's VPC vpc-another is not linked to ${instanceCorp}; linked: vpc-example; the`,
    );
    expect(other.remedy).toStartWith("link this node's VPC vpc-another (Container Registry console");
  });
});
