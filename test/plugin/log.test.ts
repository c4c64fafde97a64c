import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, readFileSync, statSync } from "node:fs";
import { type Cloud, startCloud } from "../cloud/cloud.ts";
import { instanceCorp } from "../cloud/defaultWorld.ts";
import { type TestNode, testNode } from "../support/node.ts";

const HOST = "corp-registry.cn-hangzhou.cr.aliyuncs.com";
const IMAGE = `${HOST}/apps/web`;

let cloud: Cloud;
let node: TestNode;

beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.stop());
beforeEach(() => {
  node = testNode(cloud);
  cloud.reset();
});
afterEach(() => node.remove());

describe("one line per run", () => {
  test("success: what was decided, what was called, and no secret", async () => {
    await node.pull(IMAGE);
    const [line] = node.log();
    expect(line).toMatchObject({
      level: "info",
      image: IMAGE,
      host: HOST,
      edition: "enterprise",
      instanceId: instanceCorp,
      regionId: "cn-hangzhou",
      outcome: "credentials",
      cache: "miss",
    });
    expect(line?.identity).toContain("ecsRamRole");
    expect(line?.time).toMatch(/^\d{4}-\d\d-\d\dT/);
    expect(line?.durationMs).toBeGreaterThan(0);
    expect(line?.cacheDurationSeconds).toBeGreaterThan(0);
    const call = (line?.calls as Record<string, unknown>[] | undefined)?.find(
      ({ api }) => api === "GetAuthorizationToken",
    );
    const asked = cloud.calls("GetAuthorizationToken")[0];
    expect(call).toMatchObject({ status: 200, requestId: asked?.requestId, endpoint: asked?.host });
    const text = readFileSync(node.logFile, "utf8");
    for (const secret of cloud.secrets) expect(text).not.toContain(secret);
    expect(statSync(node.logFile).mode & 0o777).toBe(0o600);
  });

  test("a host that is not ours", async () => {
    await node.pull("docker.io/library/nginx");
    expect(node.log()[0]).toMatchObject({ outcome: "notOurs", host: "docker.io", calls: [] });
  });

  test("a failure: with its code and message", async () => {
    cloud.faults.set({ operation: "GetAuthorizationToken", kind: "error", code: "NoPermission" });
    await node.pull(IMAGE);
    expect(node.log()[0]).toMatchObject({
      level: "error",
      outcome: "failed",
      error: { code: "NoPermission" },
    });
  });

  test("a malformed request, to the file that the flag names", async () => {
    await node.run(["--log-file", node.logFile], { stdin: "nonsense" });
    expect(node.log()[0]).toMatchObject({ level: "error", error: { code: "RequestInvalid" } });
  });
});

describe("where and how much", () => {
  test("off without a file", async () => {
    node.configure({ log: {} });
    await node.pull(IMAGE);
    expect(existsSync(node.logFile)).toBe(false);
  });

  test("the flags come before the config", async () => {
    const other = `${node.directory}/other.log`;
    await node.pull(IMAGE, { args: ["--log-file", other, "--log-level", "error"] });
    expect(existsSync(node.logFile)).toBe(false);
    expect(existsSync(other) && readFileSync(other, "utf8")).toBeFalsy();
  });

  test("rotated by size, one file kept", async () => {
    node.configure({ log: { file: node.logFile, maxSize: "1KiB" } });
    for (let run = 0; run < 8; run++) await node.pull(IMAGE);
    expect(statSync(node.logFile).size).toBeLessThanOrEqual(1024);
    expect(statSync(`${node.logFile}.1`).size).toBeLessThanOrEqual(1024);
    const [last] = node.log().slice(-1);
    expect(last).toMatchObject({ outcome: "credentials" });
  });

  test("a log that cannot be written never fails a pull", async () => {
    node.configure({ log: { file: `${node.directory}/nowhere/plugin.log` } });
    expect((await node.pull(IMAGE)).status).toBe(0);
  });
});
