import { describe, expect, test } from "bun:test";
import { existsSync, writeFileSync } from "node:fs";
import { version } from "../../package.json";
import { instanceCorp, keyA } from "../cloud/defaultWorld.ts";
import { runExecutable } from "../support/executable.ts";
import { useSimulatedNode } from "../support/simulatedNode.ts";

const CORP = "corp-registry.cn-hangzhou.cr.aliyuncs.com";
const IMAGE = `${CORP}/apps/web`;
const registries = [{ instanceId: instanceCorp, instanceName: "corp", regionId: "cn-hangzhou" }];
const identity = { source: "accessKey", accessKeyId: keyA.id, accessKeySecret: keyA.secret };

const at = useSimulatedNode({ registries, identity }, { tokenLifeMs: 3_600_000 });

describe("explain", () => {
  test("says without any request how the image would be decided", async () => {
    const { status, stdout, stderr } = await at.node.run(["explain", IMAGE]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    for (const words of [
      CORP,
      instanceCorp,
      "registries[0]",
      "cn-hangzhou",
      "accessKey",
      "every pod may pull",
      "holds no token",
    ]) {
      expect(stdout).toContain(words);
    }
    expect(stdout).not.toContain(keyA.secret);
    expect(at.cloud.requests).toEqual([]);
    expect(existsSync(at.node.logFile)).toBe(false);
  });

  test("--fetch obtains the token and shows the calls, but no secret", async () => {
    const { status, stdout } = await at.node.run(["explain", "--fetch", IMAGE]);
    expect(status).toBe(0);
    expect(stdout).toContain("GetAuthorizationToken");
    expect(stdout).toContain("holds a token");
    expect(stdout).toMatch(/keep for\s+2(69\d|700)s/);
    for (const secret of at.cloud.secrets) expect(stdout).not.toContain(secret);
  });

  test("--output json, flags before and after the command", async () => {
    const { stdout } = await at.node.run(["--output", "json", "explain", IMAGE, "--fetch"]);
    expect(JSON.parse(stdout)).toMatchObject({
      image: IMAGE,
      host: CORP,
      outcome: "credentials",
      registry: { edition: "enterprise", instanceId: instanceCorp, origin: "registries[0]" },
    });
  });

  test("what only the network knows is unknown without --fetch, and nothing is remembered", async () => {
    at.node.configure({});
    const { status, stdout } = await at.node.run(["explain", IMAGE]);
    expect(status).toBe(0);
    expect(stdout).toContain("discovery");
    expect(stdout).toContain("unknown without asking the network");
    expect(at.cloud.requests).toEqual([]);
    expect((await at.node.run(["cache", "list"])).stdout).toContain("nothing is cached");
  });

  test("a host that is not ours", async () => {
    const { status, stdout } = await at.node.run(["explain", "docker.io/library/nginx"]);
    expect(status).toBe(0);
    expect(stdout).toContain("not a registry of this config");
  });

  test("a refusal is a decision too; a failed --fetch is not", async () => {
    at.node.configure({ registries, identity, access: { namespaces: ["apps"] } });
    const refused = await at.node.run(["explain", IMAGE, "--service-account", "other/default"]);
    expect(refused.status).toBe(0);
    expect(refused.stdout).toContain("refused");
    expect(refused.stdout).toContain("namespace other");
    const allowed = await at.node.run(["explain", IMAGE, "--service-account", "apps/default"]);
    expect(allowed.stdout).not.toContain("refused");

    at.node.configure({ registries, identity });
    at.cloud.faults.set({ operation: "GetAuthorizationToken", kind: "error", code: "NoPermission" });
    const failed = await at.node.run(["explain", IMAGE, "--fetch"]);
    expect(failed.status).toBe(1);
    expect(failed.stdout).toContain("NoPermission");
  });

  test("annotations without serviceAccountAnnotations are said to be ignored", async () => {
    const annotation = `k8s.aliyun.com/acr-instance-ids=${instanceCorp}`;
    const { stdout } = await at.node.run([
      "explain",
      IMAGE,
      "--service-account",
      "a/b",
      "--annotation",
      annotation,
    ]);
    expect(stdout).toContain("ignored");
  });
});

describe("config validate and config show", () => {
  test("a valid config", async () => {
    const { status, stdout } = await at.node.run(["config", "validate"]);
    expect(status).toBe(0);
    expect(stdout).toContain(`${at.node.configFile}: valid`);
  });

  test("every problem, each with path and line; exit status 2", async () => {
    const file = `${at.node.directory}/wrong.yaml`;
    writeFileSync(
      file,
      "apiVersion: aliyun-acr-credential-provider/v1\nkind: ProviderConfig\nnetwork: intranet\ncahce: {}\n",
    );
    const { status, stdout } = await runExecutable({ args: ["config", "validate", file] });
    expect(status).toBe(2);
    expect(stdout).toContain("network");
    expect(stdout).toContain("line 3");
    expect(stdout).toContain("cahce");
    expect(stdout).toContain("line 4");
    expect(stdout).toContain("cache");
  });

  test("show: defaults filled in, secrets masked, and valid as a config itself", async () => {
    const { status, stdout } = await at.node.run(["config", "show"]);
    expect(status).toBe(0);
    expect(stdout).toContain("expiringThreshold: 15m");
    expect(stdout).toContain("***");
    expect(stdout).not.toContain(keyA.secret);
    const file = `${at.node.directory}/shown.yaml`;
    writeFileSync(file, stdout, { mode: 0o600 });
    expect((await runExecutable({ args: ["config", "validate", file] })).status).toBe(0);
  });
});

describe("version and help", () => {
  test.each([[["version"]], [["--version"]]])("%p", async (args) => {
    expect(await runExecutable({ args })).toMatchObject({
      status: 0,
      stdout: `aliyun-acr-credential-provider ${version}\n`,
      stderr: "",
    });
  });

  test.each([[["--help"]], [["help"]]])("%p names every command", async (args) => {
    const { status, stdout } = await runExecutable({ args });
    expect(status).toBe(0);
    for (const words of [
      "explain IMAGE",
      "config validate [FILE]",
      "config show",
      "config import FILE",
      "kubelet-config",
      "cache list",
      "cache clear",
      "prefetch [HOST|IMAGE…]",
      "licenses",
      "docker-credential get|list|store|erase",
      "--config FILE",
    ]) {
      expect(stdout).toContain(words);
    }
  });

  test("the help of a command", async () => {
    const { status, stdout } = await runExecutable({ args: ["explain", "--help"] });
    expect(status).toBe(0);
    expect(stdout).toContain("Usage: aliyun-acr-credential-provider explain IMAGE");
    expect(stdout).toContain("--service-account NS/NAME");
  });
});
