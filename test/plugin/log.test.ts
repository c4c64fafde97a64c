import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { instanceCorp } from "../cloud/defaultWorld.ts";
import { executable } from "../support/executable.ts";
import { kubeletRequest } from "../support/request.ts";
import { useSimulatedNode } from "../support/simulatedNode.ts";

const HOST = "corp-registry.cn-hangzhou.cr.aliyuncs.com";
const IMAGE = `${HOST}/apps/web`;

/** Whether this process may have mounts of its own. */
const mayMount =
  Bun.spawnSync(["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/tmp"], { stderr: "ignore" })
    .exitCode === 0;

const at = useSimulatedNode();

describe("one line per run", () => {
  test("success: what was decided, what was called, and no secret", async () => {
    await at.node.pull(IMAGE);
    const [line] = at.node.log();
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
    const asked = at.cloud.calls("GetAuthorizationToken")[0];
    expect(call).toMatchObject({ status: 200, requestId: asked?.requestId, endpoint: asked?.host });
    const text = readFileSync(at.node.logFile, "utf8");
    for (const secret of at.cloud.secrets) expect(text).not.toContain(secret);
    expect(statSync(at.node.logFile).mode & 0o777).toBe(0o600);
  });

  test("a host that is not ours", async () => {
    await at.node.pull("docker.io/library/nginx");
    expect(at.node.log()[0]).toMatchObject({ outcome: "notOurs", host: "docker.io", calls: [] });
  });

  test("a failure: with its code and message", async () => {
    at.cloud.faults.set({ operation: "GetAuthorizationToken", kind: "error", code: "NoPermission" });
    await at.node.pull(IMAGE);
    expect(at.node.log()[0]).toMatchObject({
      level: "error",
      outcome: "failed",
      error: { code: "NoPermission" },
    });
  });

  test("a malformed request, to the file that the flag names", async () => {
    await at.node.run(["--log-file", at.node.logFile], { stdin: "nonsense" });
    expect(at.node.log()[0]).toMatchObject({ level: "error", error: { code: "RequestInvalid" } });
  });
});

describe("where and how much", () => {
  test("off without a file", async () => {
    at.node.configure({ log: {} });
    await at.node.pull(IMAGE);
    expect(existsSync(at.node.logFile)).toBe(false);
  });

  test("the flags come before the config", async () => {
    const other = `${at.node.directory}/other.log`;
    await at.node.pull(IMAGE, { args: ["--log-file", other, "--log-level", "error"] });
    expect(existsSync(at.node.logFile)).toBe(false);
    expect(existsSync(other) && readFileSync(other, "utf8")).toBeFalsy();
  });

  test("rotated by size, one file kept", async () => {
    at.node.configure({ log: { file: at.node.logFile, maxSize: "1KiB" } });
    for (let run = 0; run < 8; run++) await at.node.pull(IMAGE);
    expect(statSync(at.node.logFile).size).toBeLessThanOrEqual(1024);
    expect(statSync(`${at.node.logFile}.1`).size).toBeLessThanOrEqual(1024);
    const [last] = at.node.log().slice(-1);
    expect(last).toMatchObject({ outcome: "credentials" });
  });

  test("a line that a full disk cut off does not take the next one with it", async () => {
    writeFileSync(at.node.logFile, '{"time":"2026-01-01T00:00:00.000Z","level":"in', { mode: 0o600 });
    await at.node.pull(IMAGE);
    await at.node.pull(IMAGE);
    const [cut, ...lines] = readFileSync(at.node.logFile, "utf8").trimEnd().split("\n");
    expect(cut).toEndWith('"level":"in');
    expect(lines.map((line) => JSON.parse(line).cache)).toEqual(["miss", "hit"]);
  });

  test.if(mayMount)("a log that cannot be moved away does not grow (needs root, to mount)", async () => {
    const folder = `${at.node.directory}/log`;
    mkdirSync(folder);
    writeFileSync(`${folder}/plugin.log`, `${"x".repeat(1000)}\n`, { mode: 0o600 });
    at.node.configure({ log: { file: `${folder}/plugin.log`, maxSize: "1KiB" } });
    const script = [
      `mount --bind ${folder} ${folder}`,
      `mount --bind ${folder}/plugin.log ${folder}/plugin.log`,
      `mount -o remount,bind,ro ${folder}`,
      `exec ${executable} --config ${at.node.configFile}`,
    ].join(" && ");
    const child = Bun.spawn(["unshare", "--mount", "sh", "-c", script], {
      stdin: Buffer.from(kubeletRequest(IMAGE)),
      stdout: "pipe",
    });
    expect(JSON.parse(await new Response(child.stdout).text()).kind).toBe("CredentialProviderResponse");
    expect(statSync(`${folder}/plugin.log`).size).toBe(1001);
  });

  test("a log that cannot be written never fails a pull", async () => {
    at.node.configure({ log: { file: `${at.node.directory}/nowhere/plugin.log` } });
    const { status, stdout, stderr } = await at.node.pull(IMAGE);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(Object.keys(JSON.parse(stdout).auth)).toEqual([HOST]);
  });
});
