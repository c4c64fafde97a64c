import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { keyA } from "../cloud/defaultWorld.ts";
import { executable, type RunResult, runExecutable } from "../support/executable.ts";
import { kubeletRequest } from "../support/request.ts";
import { useSimulatedNode } from "../support/simulatedNode.ts";

const IMAGE = "corp-registry.cn-hangzhou.cr.aliyuncs.com/apps/web";
const isRoot = process.geteuid?.() === 0;

const at = useSimulatedNode();

function expectFailure(result: RunResult, status: number, ...words: string[]): void {
  expect({ status: result.status, stdout: result.stdout }).toEqual({ status, stdout: "" });
  expect(result.stderr.trimEnd()).not.toContain("\n");
  expect(result.stderr).not.toContain("CANARY");
  for (const word of words) expect(result.stderr).toContain(word);
}

describe("a malformed request is exit 2, one line on stderr, nothing on stdout", () => {
  const valid = JSON.parse(kubeletRequest(IMAGE));
  test.each([
    ["empty stdin", "", "stdin is empty"],
    ["white space", " \n", "stdin is empty"],
    ["invalid JSON", '{"kind":', "not valid JSON"],
    ["a second object", `${kubeletRequest(IMAGE)}{}`, "not valid JSON"],
    ["an array", "[]", "not a JSON object"],
    ["null", "null", "not a JSON object"],
    [
      "2 MiB of JSON",
      JSON.stringify({ ...valid, padding: "x".repeat(2 * 1024 * 1024) }),
      "larger than 1048576 bytes",
    ],
    ["a wrong kind", JSON.stringify({ ...valid, kind: "Pod" }), 'kind is "Pod"'],
    ["no kind", JSON.stringify({ ...valid, kind: undefined }), "kind is missing"],
    [
      "an unknown version",
      JSON.stringify({ ...valid, apiVersion: "credentialprovider.kubelet.k8s.io/v2" }),
      "v1beta1",
    ],
    ["no version", JSON.stringify({ ...valid, apiVersion: undefined }), "apiVersion is missing"],
    ["no image", JSON.stringify({ ...valid, image: undefined }), "image is missing"],
    ["an empty image", JSON.stringify({ ...valid, image: "" }), 'image is ""'],
    ["an image that is no string", JSON.stringify({ ...valid, image: 7 }), "image is 7"],
    ["an absurd image", JSON.stringify({ ...valid, image: `${"a".repeat(5000)}.example.com/x` }), "image"],
    ["an image with control characters", JSON.stringify({ ...valid, image: "a\nb.example.com/x" }), "image"],
    [
      "a token that is no string",
      JSON.stringify({ ...valid, serviceAccountToken: {} }),
      "serviceAccountToken",
    ],
    [
      "annotations that are no strings",
      JSON.stringify({ ...valid, serviceAccountAnnotations: { a: 1 } }),
      "serviceAccountAnnotations",
    ],
  ])("%s", async (_name, stdin, words) => {
    expectFailure(await at.node.run([], { stdin }), 2, words);
    expect(at.cloud.requests).toEqual([]);
  });

  test("deeply nested JSON", async () => {
    const result = await at.node.run([], { stdin: `${"[".repeat(200_000)}` });
    expectFailure(result, 2, "not valid JSON");
  });
});

describe("a wrong config is exit 2 and says where", () => {
  test.each([
    ["an unknown key", "registrys: []\n", ["registrys", "line 3", "registries"]],
    [
      "an unknown key inside",
      "registries:\n  - instanceld: cri-abc\n",
      ["instanceld", "line 4", "instanceId"],
    ],
    ["a wrong type", "expiringThreshold: 15\n", ["expiringThreshold", "line 3"]],
    ["a value that is not allowed", "network: intranet\n", ["network", "line 3", "vpc"]],
    ["a wrong list", "registries: yes please\n", ["registries", "line 3"]],
    ["no YAML at all", "a: b: c: [\n", ["line 3"]],
    ["a key twice", "network: vpc\nnetwork: public\n", ["network", "line 4"]],
    [
      "two registries that claim one host",
      "registries:\n  - {instanceId: cri-a, domains: [x.example.com]}\n  - {instanceId: cri-b, domains: [X.example.com]}\n",
      ["x.example.com", "registries[0]", "registries[1]"],
    ],
    ["plain HTTP to elsewhere", "endpoints: {acr: 'http://cr.example.com'}\n", ["endpoints.acr", "https"]],
    ["a budget longer than the kubelet's", "timeouts: {total: 90s}\n", ["timeouts.total"]],
  ])("%s", async (_name, yaml, words) => {
    writeFileSync(
      at.node.configFile,
      `apiVersion: aliyun-acr-credential-provider/v1\nkind: ProviderConfig\n${yaml}`,
    );
    expectFailure(await at.node.pull(IMAGE), 2, at.node.configFile, ...words);
    expect(at.cloud.requests).toEqual([]);
  });

  test("keys of keys, which end before the deadline", async () => {
    writeFileSync(at.node.configFile, "? ".repeat(2000));
    expectFailure(await at.node.pull(IMAGE), 2, at.node.configFile);
  });

  test("a secret in the wrong place, of which no part is shown", async () => {
    const securityToken = `CANARY-${"kWx9Zq3Lr7Tb2Nd5".repeat(30)}`;
    at.node.configure({
      identity: { source: "accessKey", accessKeyId: "STS.x", accessKeySecret: keyA.secret, securityToken },
      registries: [
        { instanceId: securityToken },
        { instanceId: "cri-a", domains: [`https://user:CANARY${"x".repeat(90)}@a.example.com`] },
      ],
    });
    expectFailure(await at.node.pull(IMAGE), 2, "registries[0].instanceId", "registries[1].domains");
  });

  test("a config file that was named and does not exist", async () => {
    const args = ["--config", "/nowhere/config.yaml"];
    expectFailure(await runExecutable({ args, stdin: kubeletRequest(IMAGE) }), 2, "/nowhere/config.yaml");
  });

  test("a config file named by the environment that does not exist", async () => {
    const env = { ALIYUN_ACR_CREDENTIAL_PROVIDER_CONFIG: "/nowhere/config.yaml" };
    expectFailure(await runExecutable({ env, stdin: kubeletRequest(IMAGE) }), 2, "/nowhere/config.yaml");
  });

  test("a config file that is a directory", async () => {
    const args = ["--config", at.node.directory];
    expectFailure(await runExecutable({ args, stdin: kubeletRequest(IMAGE) }), 2, at.node.directory);
  });

  test("a config file that is a FIFO, which nobody writes to", async () => {
    const fifo = `${at.node.directory}/config.fifo`;
    Bun.spawnSync(["mkfifo", fifo]);
    const result = await runExecutable({ args: ["--config", fifo], stdin: kubeletRequest(IMAGE) });
    expectFailure(result, 2, fifo, "regular file");
  });

  test("a config with an AccessKey secret that others can read", async () => {
    at.node.configure({
      identity: { source: "accessKey", accessKeyId: keyA.id, accessKeySecret: keyA.secret },
    });
    chmodSync(at.node.configFile, 0o644);
    expectFailure(await at.node.pull(IMAGE), 2, at.node.configFile, "chmod");
  });

  const isRoot = process.getuid?.() === 0;
  test.if(isRoot)("a config with a secret that belongs to somebody else (as root only)", async () => {
    at.node.configure({
      identity: { source: "accessKey", accessKeyId: keyA.id, accessKeySecret: keyA.secret },
    });
    chownSync(at.node.configFile, 12_345, 0);
    expectFailure(await at.node.pull(IMAGE), 2, at.node.configFile, "belongs to user 12345", "chown root");
  });

  test.if(isRoot)("a config without one gets a warning (as root only)", async () => {
    chownSync(at.node.configFile, 12_345, 0);
    const { status, stdout } = await at.node.run(["config", "validate"]);
    expect(status).toBe(0);
    expect(stdout).toContain("warning: belongs to user 12345");
  });

  test("an AccessKey file that others can read", async () => {
    const directory = `${at.node.directory}/keys`;
    mkdirSync(directory);
    writeFileSync(`${directory}/access-key-id`, keyA.id, { mode: 0o600 });
    writeFileSync(`${directory}/access-key-secret`, keyA.secret);
    chmodSync(`${directory}/access-key-secret`, 0o640);
    at.node.configure({ identity: { source: "accessKey", directory } });
    expectFailure(await at.node.pull(IMAGE), 2, `${directory}/access-key-secret`, "chmod");
  });
});

describe("wrong usage is exit 2 and points to the help", () => {
  test.each([
    ["an unknown flag", ["--confg", "x"], ["--confg", "did you mean --config"]],
    ["an unknown command", ["explian", "x"], ["explian", "did you mean explain"]],
    ["a flag without its value", ["--config"], ["--config"]],
    ["half a command", ["cache"], ["cache list", "cache clear"]],
    ["a flag of another command", ["cache", "list", "--fetch"], ["--fetch", "cache list"]],
    ["too many operands", ["explain", "a/b", "c/d"], ["explain takes IMAGE"]],
    ["an unknown log level", ["--log-level", "loud"], ["loud", "info, warn, error"]],
    ["a log level that no run has", ["--log-level", "debug"], ["debug", "info, warn, error"]],
  ])("%s", async (_name, args, words) => {
    expectFailure(await runExecutable({ args, stdin: kubeletRequest(IMAGE) }), 2, "", ...words);
  });

  test("a writer that never ends does not keep the process for ever", async () => {
    const line = `{ printf %s "$1"; sleep 30; } | { "$0"; echo $? > "$2/status"; }`;
    const child = Bun.spawn(["/bin/sh", "-c", line, executable, kubeletRequest(IMAGE), at.node.directory], {
      stderr: "pipe",
    });
    const stderr = await firstLine(child.stderr);
    child.kill();
    expect(stderr).toContain("waited 10 s for the end of the request on stdin");
    expect(stderr).toContain("close stdin behind the request");
    expect(await Bun.file(`${at.node.directory}/status`).text()).toBe("1\n");
  }, 30_000);
});

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of stream) {
    text += new TextDecoder().decode(chunk);
    if (text.includes("\n")) break;
  }
  await Bun.sleep(200);
  return text;
}

describe("a cache that cannot be used costs a call, never the pull", () => {
  async function expectPullWithoutCache(warning: string): Promise<void> {
    for (let pulls = 1; pulls <= 2; pulls++) {
      const { status, stderr } = await at.node.pull(IMAGE);
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      expect(at.cloud.calls("GetAuthorizationToken")).toHaveLength(pulls);
    }
    expect(JSON.stringify(at.node.log().at(-1))).toContain(warning);
  }

  test("a symbolic link in its place", async () => {
    mkdirSync(`${at.node.directory}/elsewhere`);
    symlinkSync(`${at.node.directory}/elsewhere`, at.node.cacheDirectory);
    await expectPullWithoutCache("symbolic link");
    expect(readdirSync(`${at.node.directory}/elsewhere`)).toEqual([]);
  });

  test("a file in its place", async () => {
    writeFileSync(at.node.cacheDirectory, "");
    await expectPullWithoutCache("cache");
  });

  test("a directory that others may write to", async () => {
    mkdirSync(at.node.cacheDirectory);
    chmodSync(at.node.cacheDirectory, 0o777);
    await expectPullWithoutCache("writable");
  });

  test.skipIf(!isRoot)("a directory of another user (needs root to make one)", async () => {
    mkdirSync(at.node.cacheDirectory, { mode: 0o700 });
    chownSync(at.node.cacheDirectory, 65534, 65534);
    await expectPullWithoutCache("65534");
  });

  test.skipIf(!existsSync("/dev/full"))("no space for the log (needs /dev/full)", async () => {
    at.node.configure({ log: { file: "/dev/full" } });
    expect((await at.node.pull(IMAGE)).status).toBe(0);
  });

  test.skipIf(!isRoot)("no space for the cache (needs root to mount a full file system)", async () => {
    mkdirSync(at.node.cacheDirectory, { mode: 0o700 });
    const { status } =
      Bun.spawnSync(
        ["mount", "-t", "tmpfs", "-o", "size=4k,mode=0700", "tmpfs", at.node.cacheDirectory].flat(),
      ).exitCode === 0
        ? { status: 0 }
        : { status: 1 };
    if (status !== 0) return console.warn("skipped: this root may not mount");
    try {
      writeFileSync(`${at.node.cacheDirectory}/domains-ZmlsbGVy.json`, "x".repeat(4096));
      await expectPullWithoutCache("ENOSPC");
    } finally {
      Bun.spawnSync(["umount", at.node.cacheDirectory]);
    }
  });

  test.each([
    ["nothing", () => ""],
    ["half of it", (text: string) => text.slice(0, text.length / 2)],
    ["one letter of the password changed", (text: string) => text.replace('"password":"e', '"password":"f')],
    ["nonsense", () => "\u0000\u0001 nonsense"],
    ["a directory", () => undefined],
  ])("a cache file that holds %s", async (_name, damage) => {
    await at.node.pull(IMAGE);
    const name = readdirSync(at.node.cacheDirectory).find(
      (file) => file.startsWith("token-") && file.endsWith(".json"),
    );
    const file = `${at.node.cacheDirectory}/${name}`;
    const before = await Bun.file(file).text();
    const after = damage(before);
    expect(after).not.toBe(before);
    rmSync(file);
    if (after === undefined) mkdirSync(file);
    else writeFileSync(file, after, { mode: 0o600 });
    const { status, stdout } = await at.node.pull(IMAGE);
    expect(status).toBe(0);
    expect(at.cloud.calls("GetAuthorizationToken")).toHaveLength(2);
    const { username, password } = JSON.parse(stdout).auth["corp-registry.cn-hangzhou.cr.aliyuncs.com"];
    expect(at.cloud.acceptsRegistryLogin(username, password)).toBeDefined();
    expect(at.node.log().at(-1)?.level).toBe("warn");
  });
});
