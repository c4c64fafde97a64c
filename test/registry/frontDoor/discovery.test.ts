import { beforeEach, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { checksum } from "../../../src/text/digest.ts";
import {
  accountA,
  defaultWorld,
  instance,
  instanceCorp,
  type keyA,
  minimalKeyA,
  powerlessKeyA,
} from "../../cloud/defaultWorld.ts";
import { opened } from "../../migration/support/opened.ts";
import { useSimulatedNode } from "../../support/simulatedNode.ts";

const CORP = "corp-registry.cn-hangzhou.cr.aliyuncs.com";
const CUSTOM = "images.example.com";
const identity = (key: typeof keyA) => ({
  source: "accessKey",
  accessKeyId: key.id,
  accessKeySecret: key.secret,
});
const corp = { instanceId: instanceCorp, regionId: "cn-hangzhou" };

const at = useSimulatedNode();
beforeEach(() => {
  Object.assign(at.cloud.world, defaultWorld());
});

const pull = (host: string) => at.node.pull(`${host}/apps/web`);

describe("discovery by ListInstance", () => {
  const line = (name: string) => `- {instanceId: cri-…, instanceName: ${name}, regionId: cn-hangzhou}`;

  test.each<[string, () => void, string, string[]]>([
    [
      "no permission",
      () => at.node.configure({ identity: identity(minimalKeyA) }),
      "corp",
      ["NoPermission", "cr:ListInstance", line("corp")],
    ],
    [
      "no such instance",
      () => {},
      "corpse",
      ["InstanceNotFound", "this account has no instance named corpse in cn-hangzhou", line("corpse")],
    ],
    ["another account's instance", () => {}, "shared", ["InstanceNotFound", line("shared")]],
    [
      "an instance of another region",
      () => {},
      "team-a",
      ["InstanceNotFound", "in cn-hangzhou", line("team-a")],
    ],
    [
      "two of the name",
      () => at.cloud.world.instances.push(instance(accountA, "cn-hangzhou", "cri-other00000000000", "corp")),
      "corp",
      ["InstanceAmbiguous", instanceCorp, "cri-other00000000000", line("corp")],
    ],
    [
      "a stopped one",
      () => Object.assign(at.cloud.world.instances[0] ?? {}, { status: "STOPPED" }),
      "corp",
      ["InstanceNotRunning", `${instanceCorp} named corp is STOPPED`, "start the instance", line("corp")],
    ],
  ])(
    "%s: a message of its own, with the config line that avoids the call",
    async (_name, prepare, name, words) => {
      prepare();
      const host = `${name}-registry.cn-hangzhou.cr.aliyuncs.com`;
      const { status, stdout, stderr } = await pull(host);
      expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
      expect(stderr.trimEnd().split("\n")).toHaveLength(1);
      for (const part of [host, ...words]) expect(stderr).toContain(part);
      const explained = await at.node.run(["explain", `${host}/apps/web`, "--fetch"]);
      expect(explained.status).toBe(1);
      for (const part of ["discovery: passed over", ...words]) expect(explained.stdout).toContain(part);
    },
  );

  test("and that line does avoid it", async () => {
    at.node.configure({ identity: identity(minimalKeyA), registries: [{ ...corp, instanceName: "corp" }] });
    expect(opened(at.cloud, await pull(CORP), CORP)).toBe(instanceCorp);
    expect(at.cloud.calls().map(({ operation }) => operation)).toEqual(["GetAuthorizationToken"]);
  });

  test("the name must be the whole one, on whatever page it stands, and run", async () => {
    const more = Array.from({ length: 230 }, (_, index) =>
      instance(accountA, "cn-hangzhou", `cri-more${index}`, `corp-${index}`),
    );
    const stopped = {
      ...instance(accountA, "cn-hangzhou", "cri-stopped000000000", "last"),
      status: "STOPPED" as const,
    };
    at.cloud.world.instances.push(
      ...more,
      stopped,
      instance(accountA, "cn-hangzhou", "cri-last000000000000", "last"),
    );
    const host = "last-registry.cn-hangzhou.cr.aliyuncs.com";
    expect(opened(at.cloud, await pull(host), host)).toBe("cri-last000000000000");
    expect(at.cloud.calls("ListInstance").map(({ parameters }) => parameters.PageNo)).toEqual([
      "1",
      "2",
      "3",
    ]);
    expect(opened(at.cloud, await pull(CORP), CORP)).toBe(instanceCorp);
  });

  test("an instance of the same name elsewhere is another one", async () => {
    at.cloud.world.instances.push(instance(accountA, "cn-beijing", "cri-north00000000000", "corp"));
    expect(opened(at.cloud, await pull(CORP), CORP)).toBe(instanceCorp);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ["never, without entries", { discovery: "never" }, "discovery is never and registries is empty"],
    [
      "auto, with entries",
      { registries: [{ regionId: "cn-hangzhou" }] },
      "no entry of registries leads to it (registries[0]: it is the Personal Edition, the host is not), and discovery is off",
    ],
  ])("%s: the failure says so and shows both ways", async (_name, native, cause) => {
    at.node.configure(native);
    const { status, stderr } = await pull(CORP);
    expect(status).toBe(1);
    for (const part of [cause, line("corp"), "discovery: always"]) expect(stderr).toContain(part);
    expect(at.cloud.requests).toEqual([]);
  });

  test("always, beside entries for others", async () => {
    at.node.configure({
      discovery: "always",
      registries: [{ instanceId: "cri-other00000000000", instanceName: "other" }],
    });
    expect(opened(at.cloud, await pull(CORP), CORP)).toBe(instanceCorp);
    const { stdout } = await at.node.run(["explain", `${CORP}/apps/web`]);
    expect(stdout).toContain("registries[0]: passed over: its instanceName is other");
    expect(stdout).toContain(`discovery: chosen: ListInstance knows corp as ${instanceCorp}`);
  });
});

describe("the domains of an instance, by ListInstanceEndpoint", () => {
  const learnt = () => at.cloud.calls("ListInstanceEndpoint").length;

  test("custom ones are learnt, and remembered with the default ones", async () => {
    at.node.configure({ registries: [corp] });
    for (const host of [CUSTOM, CORP, "corp-registry-vpc.cn-hangzhou.cr.aliyuncs.com", CUSTOM]) {
      expect(opened(at.cloud, await pull(host), host)).toBe(instanceCorp);
    }
    expect(learnt()).toBe(1);
  });

  test("they are believed for a day", async () => {
    at.node.configure({ registries: [corp] });
    await pull(CUSTOM);
    await older(23 * 60);
    await pull(CUSTOM);
    expect(learnt()).toBe(1);
    await older(2 * 60);
    await pull(CUSTOM);
    expect(learnt()).toBe(2);
  });

  test("and asked for early when a host is unknown", async () => {
    at.node.configure({ registries: [corp] });
    await pull(CUSTOM);
    at.cloud.world.instances[0]?.endpoints[0]?.domains.push({ domain: "new.example.com", type: "USER" });
    expect(opened(at.cloud, await pull("new.example.com"), "new.example.com")).toBeUndefined();
    expect(learnt()).toBe(1);
    await older(11);
    expect(opened(at.cloud, await pull("new.example.com"), "new.example.com")).toBe(instanceCorp);
    expect(learnt()).toBe(2);
  });

  test.each([
    [CUSTOM, `add "domains: [${CUSTOM}]" to registries[0]`],
    [CORP, 'add "instanceName: corp" to registries[0]'],
  ])(
    "without the permission the failure for %s names it, and the line that does without",
    async (host, line) => {
      at.node.configure({ registries: [corp], identity: identity(powerlessKeyA) });
      const { status, stderr } = await pull(host);
      expect(status).toBe(1);
      for (const part of ["cr:ListInstanceEndpoint", line, instanceCorp, "identity accessKey"])
        expect(stderr).toContain(part);
    },
  );

  test("explain says without network what is not known yet, and what is once it is", async () => {
    at.node.configure({ registries: [corp] });
    const before = await at.node.run(["explain", `${CUSTOM}/apps/web`]);
    expect(before.stdout).toContain("unknown without asking the network");
    await pull(CUSTOM);
    const after = await at.node.run(["explain", `${CUSTOM}/apps/web`]);
    expect(after.stdout).toContain("registries[0]: chosen: the host is among the domains of its instance");
  });

  /** Makes what is remembered of domains so many minutes older. */
  async function older(minutes: number): Promise<void> {
    const names = readdirSync(at.node.cacheDirectory).filter(
      (name) => name.startsWith("domains-") && name.endsWith(".json"),
    );
    expect(names).toHaveLength(1);
    const path = `${at.node.cacheDirectory}/${names[0]}`;
    const [, body = ""] = readFileSync(path, "utf8").split("\n");
    const entry = JSON.parse(body);
    const aged = JSON.stringify({ ...entry, storedAt: entry.storedAt - minutes * 60_000 });
    writeFileSync(path, `${checksum(aged)}\n${aged}`);
  }
});
