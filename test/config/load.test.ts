import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { loadConfig } from "../../src/config/loadConfig.ts";
import { configOf, failureOf, fileOf, head, said, validated } from "./support.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(`${tmpdir()}/acr-config-`);
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array, mode = 0o600): string {
  const path = `${folder}/${name}`;
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

describe("which file", () => {
  test("--config comes before the variable, the variable before the default", async () => {
    const read: string[] = [];
    const files = {
      read(path: string) {
        read.push(path);
        return { text: head, mode: 0o600, uid: 0 };
      },
    };
    const env = { ALIYUN_ACR_CREDENTIAL_PROVIDER_CONFIG: "/by/variable" };
    expect((await loadConfig({ flag: "/by/flag", env, files })).file).toBe("/by/flag");
    expect((await loadConfig({ env, files })).file).toBe("/by/variable");
    expect((await loadConfig({ env: { ALIYUN_ACR_CREDENTIAL_PROVIDER_CONFIG: "" }, files })).file).toBe(
      "/etc/aliyun-acr-credential-provider/config.yaml",
    );
    expect(read).toEqual(["/by/flag", "/by/variable", "/etc/aliyun-acr-credential-provider/config.yaml"]);
  });

  test("without the default file the defaults of the contract apply", async () => {
    const config = await loadConfig({ env: {}, files: { read: () => undefined } });
    expect(config).toEqual({
      registries: [],
      discovery: "auto",
      expiringThresholdMs: 900_000,
      identity: { source: "auto", assumeRoles: [] },
      access: { namespaces: ["*"], serviceAccounts: ["*"] },
      serviceAccountAnnotations: { enabled: false, allowedRoleArns: [] },
      answerInOutage: true,
      cache: { enabled: true, directory: "/run/aliyun-acr-credential-provider" },
      network: "auto",
      timeouts: { totalMs: 25_000, requestMs: 5000 },
      endpoints: {},
      tls: {},
      log: { level: "info", maxSizeBytes: 10 * 1024 * 1024 },
    });
  });

  test.each([
    ["a file named by --config that is missing", { flag: "/no/such/file" }, "it does not exist", "--config"],
    [
      "a file named by the variable that is missing",
      { env: { ALIYUN_ACR_CREDENTIAL_PROVIDER_CONFIG: "/no/such/file" } },
      "it does not exist",
      "$ALIYUN_ACR_CREDENTIAL_PROVIDER_CONFIG",
    ],
    ["an empty name", { flag: "" }, "the name is empty", "--config"],
  ])("%s is an error", async (_name, options, cause, remedy) => {
    const failure = await failureOf(loadConfig({ env: {}, ...options }));
    expect(failure).toMatchObject({ code: "ConfigInvalid", exitStatus: 2 });
    expect(failure.message).toContain(cause);
    expect(failure.remedy).toContain(remedy);
  });
});

describe("reading the file", () => {
  test("YAML, JSON and a symlink to a file are read", async () => {
    const yaml = file("config.yaml", `${head}network: vpc\n`);
    const json = file(
      "config.json",
      '{\n  "apiVersion": "aliyun-acr-credential-provider/v1", "kind": "ProviderConfig", "network": "vpc"\n}\n',
    );
    symlinkSync(yaml, `${folder}/link.yaml`);
    for (const flag of [yaml, json, `${folder}/link.yaml`]) {
      expect((await loadConfig({ flag, env: {} })).network).toBe("vpc");
    }
  });

  test("anything but a readable regular file of at most 1 MiB is an error", async () => {
    mkdirSync(`${folder}/directory`);
    const cases: [string, string][] = [
      [`${folder}/directory`, "it is a directory"],
      ["/dev/null", "it is not a regular file"],
      [file("big.yaml", `${head}#${"x".repeat(1024 * 1024)}`), "it is larger than 1 MiB"],
      [file("latin1.yaml", new Uint8Array([...Buffer.from(head), 0x23, 0xe9, 0x0a])), "it is not UTF-8"],
      [`${file("plain", "")}/below`, "it does not exist"],
    ];
    for (const [flag, cause] of cases) {
      const failure = await failureOf(loadConfig({ flag, env: {} }));
      expect(failure.message).toBe(`read config ${flag}: ${cause}`);
      expect(failure.exitStatus).toBe(2);
    }
  });

  test("a byte order mark is not a mistake", async () => {
    const flag = file("bom.yaml", `\ufeff${head}network: vpc\n`);
    expect((await loadConfig({ flag, env: {} })).network).toBe("vpc");
  });
});

describe("secrets", () => {
  const secret = "canary-of-the-secret";
  const body = `identity: {source: accessKey, accessKeyId: LTAI, accessKeySecret: ${secret}, securityToken: token-canary}\n`;

  test("a file with a secret that others can read is an error that says chmod", async () => {
    for (const mode of [0o644, 0o640, 0o604, 0o660]) {
      const failure = await failureOf(loadConfig(fileOf(head + body, mode)));
      expect(failure.message).toContain("chmod 600 /test/config.yaml");
      expect(failure.exitStatus).toBe(2);
    }
    for (const mode of [0o600, 0o400]) {
      expect((await loadConfig(fileOf(head + body, mode))).identity).toMatchObject({
        accessKeySecret: secret,
      });
    }
  });

  test("a file without secrets may be read by all, and a warning says if it may be changed", async () => {
    expect((await validated(head, 0o644)).warnings).toEqual([]);
    const { errors, warnings } = await validated(head, 0o666);
    expect(errors).toEqual([]);
    expect(said(warnings).join()).toContain("chmod go-w /test/config.yaml");
  });

  test("the caller hears every secret, even of a config that is refused", async () => {
    const texts = [
      head + body,
      `${head + body}nonsense: 1\n`,
      `${head}registries: [{identity: {accessKeySecret: ${secret}}}]`,
    ];
    for (const text of texts) {
      const heard: string[] = [];
      await loadConfig({ ...fileOf(text), onSecret: (value) => heard.push(value) }).catch(() => {});
      expect(heard).toContain(secret);
    }
  });

  test("no message of a refusal shows a secret", async () => {
    const texts = [
      `${head}identity: {source: auto, accessKeySecret: ${secret}}\n`,
      `${head}identity:\n  source: accessKey\n  accessKeySecret: [${secret}]\n`,
      `${head}identity:\n  source: accessKey\n  accessKeySecret:${secret}\n`,
      `${head}identity:\n  source: accessKey\n    accessKeySecret: ${secret}\n`,
      `${head}identity:\n  source: accessKey\n  accessKeySecret: "${secret}","${secret}"\n`,
      `${head}identity: {accessKeySecret: "${secret}\n`,
      `${head}endpoints: {acr: "https://user:${secret}@example.com"}\n`,
      `${head}identity: {source: credentialsUri, uri: "https://user:${secret}@example.com"}\n`,
    ];
    for (const text of texts) {
      const failure = await failureOf(loadConfig(fileOf(text)));
      expect(`${failure.message} ${failure.remedy}`).not.toContain(secret);
    }
  });
});

describe("the one line of a failure", () => {
  test("has the first problems and how many there are more", async () => {
    const failure = await failureOf(configOf("a: 1\nb: 1\nc: 1\nd: 1\ne: 1\n"));
    expect(failure.message).toMatch(
      /^read config \/test\/config.yaml: line 3: a: unknown key.*; and 2 more$/,
    );
    expect(failure.message).not.toContain("\n");
    expect(failure.remedy).toStartWith("fix the file; ");
    expect(failure.remedy).toContain("config validate /test/config.yaml");
  });
});

describe("the effective config", () => {
  test("an entry takes network and identity from the top level, or its own", async () => {
    const config = await configOf(
      [
        "network: vpc",
        "identity: {source: ecsRamRole, roleName: node}",
        "registries:",
        "  - instanceId: cri-a",
        "  - instanceId: cri-b",
        "    network: public",
        '    domains: "Images.Example.com, other.example.com:5000"',
        "    identity: {assumeRoles: [{roleArn: acs:ram::1234567890123456:role/b}]}",
      ].join("\n"),
    );
    expect(config.registries).toEqual([
      {
        path: "registries[0]",
        instanceId: "cri-a",
        network: "vpc",
        identity: { source: "ecsRamRole", roleName: "node", assumeRoles: [] },
      },
      {
        path: "registries[1]",
        instanceId: "cri-b",
        network: "public",
        domains: ["images.example.com", "other.example.com:5000"],
        identity: {
          source: "auto",
          assumeRoles: [{ roleArn: "acs:ram::1234567890123456:role/b", durationSeconds: 3600 }],
        },
      },
    ]);
  });

  test("durations are ms, sizes bytes, endpoints URLs without a slash at the end", async () => {
    const config = await configOf(
      [
        "expiringThreshold: 1m30s",
        "timeouts: {total: 2.5s, request: 300ms}",
        "log: {file: /var/log/acr.log, level: warn, maxSize: 2GiB}",
        'endpoints: {acr: "https://API.example.com:8443/", sts: sts.example.com, metadata: "http://127.0.0.1:8080"}',
      ].join("\n"),
    );
    expect(config).toMatchObject({
      expiringThresholdMs: 90_000,
      timeouts: { totalMs: 2500, requestMs: 300 },
      log: { file: "/var/log/acr.log", level: "warn", maxSizeBytes: 2 * 1024 ** 3 },
      endpoints: {
        acr: "https://api.example.com:8443",
        sts: "https://sts.example.com",
        metadata: "http://127.0.0.1:8080",
      },
    });
  });
});
