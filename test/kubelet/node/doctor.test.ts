import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { accountA, instanceCorp, nodeRoleName } from "../../cloud/defaultWorld.ts";
import { roleArn } from "../../cloud/model/arn.ts";
import { executable } from "../setup/paths.ts";
import { cgroupVariable } from "./enclosure.ts";
import { enterpriseHost, layerHost, type Node, startNode, tokenServerHost } from "./node.ts";
import { keepLogs } from "./service.ts";

interface Check {
  readonly group: string;
  readonly id: string;
  readonly status: string;
  readonly found: string;
  readonly remedy?: string;
}

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

  async function pulled(image: string): Promise<Check[]> {
    const child = Bun.spawn([executable, "doctor", image, "--config", node.configFile, "--output", "json"], {
      cwd: "/",
      env: {},
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
    for (const secret of node.cloud.secrets) expect(stdout + stderr).not.toContain(secret);
    expect(stdout).not.toContain("eyJ");
    const { checks } = JSON.parse(stdout) as { checks: Check[] };
    return checks.filter(({ group }) => group === "images");
  }

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
    expect(node.layerServer.requests.map(({ range, hasCredentials }) => ({ range, hasCredentials }))).toEqual(
      [{ range: "bytes=0-1023", hasCredentials: false }],
    );
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
    expect(remedy).toContain(`{"Effect": "Allow", "Action": "cr:PullRepository", "Resource": "${resource}"}`);
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
    expect(found).toContain(`the VPCs that are linked to ${instanceCorp}: vpc-example`);
    expect(remedy).toContain(`curl -v https://${enterpriseHost}/`);
  });
});
