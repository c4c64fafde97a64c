import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { stringify } from "yaml";
import { createCertificateAuthority } from "../cloud/http/certificates.ts";
import { executable, runExecutable } from "../support/executable.ts";
import { useSimulatedNode } from "../support/simulatedNode.ts";

const dayMs = 86_400_000;
const at = useSimulatedNode();

/** Checks a native config with `--node`; `%` in it stands for the node's directory. Each line of stdout. */
async function onNode(native: Record<string, unknown>, args = ["--node"]): Promise<Checked> {
  const file = `${at.node.directory}/checked.yaml`;
  const head = { apiVersion: "aliyun-acr-credential-provider/v1", kind: "ProviderConfig" };
  const cache = { directory: at.node.cacheDirectory };
  const text = stringify({ ...head, cache, ...native }).replaceAll("%", at.node.directory);
  writeFileSync(file, text, { mode: 0o600 });
  const { status, stdout, stderr } = await runExecutable({ args: ["config", "validate", file, ...args] });
  expect(stderr).toBe("");
  const lines = stdout.replaceAll(at.node.directory, "%").trimEnd().split("\n");
  return { status, problems: lines.slice(0, -1), verdict: lines.at(-1) ?? "" };
}

interface Checked {
  readonly status: number | null;
  readonly problems: readonly string[];
  readonly verdict: string;
}

function fill(folder: string, files: Record<string, string>, mode = 0o600): void {
  mkdirSync(`${at.node.directory}/${folder}`, { mode: 0o700, recursive: true });
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(`${at.node.directory}/${folder}/${name}`, text);
    chmodSync(`${at.node.directory}/${folder}/${name}`, mode);
  }
}

const keys = { identity: { source: "accessKey", directory: "%/keys" } };
const pair = { "access-key-id": "LTAIreal0001\n", "access-key-secret": "CANARYsecretOnTheNode\n" };

describe("config validate --node: files with secrets", () => {
  test("nothing to say of a node that has all of it", async () => {
    fill("keys", pair);
    fill("fixed", { username: "robot", password: "CANARYpasswordOnTheNode" });
    fill(".", { token: "CANARY.token.ofTheNode" }, 0o644);
    fill(".", { profile: '{"profiles": []}' });
    const checked = await onNode({
      registries: [
        { domains: ["a.example.com"], fixedCredentials: { directory: "%/fixed" } },
        {
          regionId: "cn-hangzhou",
          identity: {
            source: "oidcTokenFile",
            path: "%/token",
            roleArn: "acs:ram::1:role/a",
            oidcProviderArn: "acs:ram::1:oidc-provider/a",
          },
        },
        { regionId: "cn-beijing", identity: { source: "profile", file: "%/profile" } },
      ],
      ...keys,
      tls: { caFile: at.cloud.caFile },
      log: { file: "%/plugin.log" },
    });
    expect(checked).toEqual({ status: 0, problems: [], verdict: "%/checked.yaml: valid" });
  });

  test("a directory that is missing: once, with the files that it should hold", async () => {
    const { status, problems, verdict } = await onNode(keys);
    expect({ status, verdict }).toEqual({ status: 2, verdict: "%/checked.yaml: 1 error" });
    expect(problems).toEqual([
      "error: line 7: identity.directory: %/keys does not exist: make it, with the files access-key-id and access-key-secret (mode 0600)",
    ]);
  });

  test("without --node no file is looked at", async () => {
    expect(await onNode({ ...keys, tls: { caFile: "/nonexistent.pem" } }, [])).toMatchObject({
      status: 0,
      problems: [],
    });
  });

  const broken: [name: string, prepare: () => void, ...words: string[]][] = [
    [
      "one that is missing",
      () => fill("keys", { "access-key-id": "LTAIreal0001" }),
      "%/keys/access-key-secret (AccessKey): it does not exist",
    ],
    [
      "each one that is open to others",
      () => fill("keys", pair, 0o644),
      '%/keys/access-key-id (AccessKey): a secret\'s file must be readable by root only, and this one is open to group or others (mode 0644); run "chmod 0600 %/keys/access-key-id"',
      "%/keys/access-key-secret (AccessKey): a secret's file must be readable by root only",
    ],
    [
      "one that is empty",
      () => fill("keys", { ...pair, "access-key-secret": "\n" }),
      "%/keys/access-key-secret (AccessKey): it is empty",
    ],
    [
      "one that holds more than the value",
      () => fill("keys", { ...pair, "access-key-secret": "CANARYsecret of two lines\nCANARYmore" }),
      "%/keys/access-key-secret (AccessKey) holds white space or what is not ASCII",
    ],
    [
      "an optional one that is there and empty",
      () => fill("keys", { ...pair, "security-token": "" }),
      "%/keys/security-token (AccessKey): it is empty",
    ],
    ["a file in the directory's place", () => fill(".", { keys: "x" }), "%/keys is not a directory"],
  ];
  for (const [name, prepare, ...words] of broken) {
    test(`${name}`, async () => {
      prepare();
      const { status, problems } = await onNode(keys);
      expect(status).toBe(2);
      expect(problems).toHaveLength(words.length);
      words.forEach((text, index) => {
        expect(problems[index]).toStartWith("error: line 7: identity.directory: ");
        expect(problems[index]).toContain(text);
      });
      expect(problems.join("\n")).not.toContain("CANARY");
    });
  }

  test("a directory that others may change is a warning", async () => {
    fill("keys", pair);
    chmodSync(`${at.node.directory}/keys`, 0o777);
    const { status, problems } = await onNode(keys);
    expect(status).toBe(0);
    expect(problems).toEqual([
      'warning: line 7: identity.directory: %/keys may be changed by group or others: run "chmod go-w %/keys"',
    ]);
  });

  test("those of entries, fallbacks, fixed credentials, tokens and profiles, each at its path", async () => {
    const missing = { source: "accessKey", directory: "/nonexistent/keys" };
    const web = { roleArn: "acs:ram::1:role/a", oidcProviderArn: "acs:ram::1:oidc-provider/a" };
    const { problems } = await onNode({
      registries: [
        { regionId: "cn-hangzhou" },
        { regionId: "cn-beijing", identity: missing },
        { domains: ["a.example.com"], fixedCredentials: { directory: "/nonexistent/fixed" } },
        {
          regionId: "cn-shanghai",
          identity: { source: "oidcTokenFile", path: "/nonexistent/token", ...web },
        },
        { regionId: "cn-shenzhen", identity: { source: "profile", file: "/nonexistent/profile" } },
      ],
      identity: { source: "serviceAccountToken", ...web, fallback: missing },
    });
    expect(
      problems.map((line) => line.replace(/^error: line \d+: (\S+): .*?(\/nonexistent\S*) .*/, "$1 $2")),
    ).toEqual([
      "identity.fallback.directory /nonexistent/keys",
      "registries[1].identity.directory /nonexistent/keys",
      "registries[2].fixedCredentials.directory /nonexistent/fixed",
      "registries[3].identity.path /nonexistent/token",
      "registries[4].identity.file /nonexistent/profile",
    ]);
  });
});

describe("config validate --node: tls.caFile", () => {
  const now = Date.now();
  const good = createCertificateAuthority("Good").cert;
  const expired = createCertificateAuthority("Old", { from: now - 20 * dayMs, until: now - dayMs }).cert;
  const future = createCertificateAuthority("Next", { from: now + dayMs, until: now + 20 * dayMs }).cert;
  const damaged = good.replace(/\n(.{20})/, "\nAAAAAAAAAAAAAAAAAAAA");
  const rows: [name: string, pem: string, kind: "error" | "warning" | "valid", words: string][] = [
    ["one authority", good, "valid", ""],
    ["something else", "hello", "error", "%/ca.pem holds no PEM certificate"],
    ["nothing", "", "error", "%/ca.pem holds no PEM certificate"],
    ["a damaged one", good + damaged, "error", "%/ca.pem: certificate 2 is damaged"],
    ["one that has expired", expired, "error", "%/ca.pem: the certificate of CN=Old has expired"],
    [
      "an expired one beside another",
      good + expired,
      "warning",
      "%/ca.pem: the certificate of CN=Old has expired",
    ],
    [
      "one of the future beside another",
      good + future,
      "warning",
      "%/ca.pem: the certificate of CN=Next is not valid before",
    ],
  ];
  test.each(rows)("that holds %s", async (_name, pem, kind, words) => {
    fill(".", { "ca.pem": pem });
    const { status, problems } = await onNode({ tls: { caFile: "%/ca.pem" } });
    expect(status).toBe(kind === "error" ? 2 : 0);
    expect(problems).toHaveLength(kind === "valid" ? 0 : 1);
    if (kind !== "valid") expect(problems[0]).toStartWith(`${kind}: line 6: tls.caFile: ${words}`);
  });

  test("that is missing, that is a directory, that others may change", async () => {
    const missing = await onNode({ tls: { caFile: "/nonexistent.pem" } });
    expect(missing.problems).toEqual([
      "error: line 6: tls.caFile: /nonexistent.pem does not exist: put the PEM certificates there, or correct the path",
    ]);
    const directory = await onNode({ tls: { caFile: "%" } });
    expect(directory.problems).toEqual(["error: line 6: tls.caFile: %: it is a directory"]);
    fill(".", { "ca.pem": good }, 0o666);
    const open = await onNode({ tls: { caFile: "%/ca.pem" } });
    expect(open.problems).toEqual([
      'warning: line 6: tls.caFile: %/ca.pem may be changed by group or others: run "chmod go-w %/ca.pem"',
    ]);
  });
});

describe("config validate --node: log and cache", () => {
  test("a log whose folder is missing, or is no folder, or that is a link", async () => {
    fill(".", { file: "" });
    symlinkSync("/dev/null", `${at.node.directory}/link.log`);
    const rows = [
      [
        "/nonexistent/folder/plugin.log",
        '/nonexistent/folder does not exist; run "mkdir -p /nonexistent/folder"',
      ],
      ["%/file/plugin.log", "%/file is not a directory; name another file"],
      ["%/link.log", "%/link.log is not a regular file; remove it, or name another file"],
    ];
    for (const [file, words] of rows) {
      const { status, problems } = await onNode({ log: { file } });
      expect(status).toBe(0);
      expect(problems).toHaveLength(1);
      expect(problems[0]).toStartWith(`warning: line 6: log.file: nothing is logged: ${words}`);
    }
  });

  test("a cache directory that would not be used, or cannot be made", async () => {
    fill("shared", { "admin.conf": "x" });
    const foreign = await onNode({ cache: { directory: "%/shared" } });
    expect(foreign.problems[0]).toContain(
      'warning: line 4: cache.directory: is not used, so that every run makes calls: %/shared holds "admin.conf"',
    );
    expect(foreign.status).toBe(0);
    expect((await onNode({ cache: { enabled: false, directory: "%/shared" } })).problems).toEqual([]);
  });

  const mayMount = Bun.spawnSync(["unshare", "--mount", "true"], { stderr: "ignore" }).exitCode === 0;
  test.skipIf(!mayMount)("on a read-only file system (needs root, to mount)", async () => {
    const folder = `${at.node.directory}/readonly`;
    mkdirSync(folder);
    at.node.configure({
      log: { file: `${folder}/plugin.log` },
      cache: { directory: `${folder}/made/cache` },
    });
    const script = `mount -t tmpfs -o ro tmpfs ${folder} && exec ${executable} config validate ${at.node.configFile} --node`;
    const { exitCode, stdout } = Bun.spawnSync(["unshare", "--mount", "sh", "-c", script]);
    expect(exitCode).toBe(0);
    expect(stdout.toString()).toContain(
      `log.file: nothing is logged: ${folder} is on a read-only file system; name a file elsewhere`,
    );
    expect(stdout.toString()).toContain(
      `cache.directory: is not used, so that every run makes calls: ${folder} is on a read-only file system`,
    );
  });
});

describe("config validate: what needs no node", () => {
  const role = (account: string) => `acs:ram::${account}:role/puller`;
  const rows: [name: string, native: Record<string, unknown>, ...problems: string[]][] = [
    [
      "the placeholder of an instance",
      { registries: [{ instanceId: "cri-xxxxxxxxxxxxxxxx", regionId: "cn-hangzhou" }] },
      "line 6: registries[0].instanceId: cri-xxxxxxxxxxxxxxxx is the placeholder of an example: write your own",
    ],
    [
      "the placeholder in a host",
      { registries: [{ domains: ["crpi-aaaaaaaaaaaaaaaa.cn-hangzhou.personal.cr.aliyuncs.com"] }] },
      "line 7: registries[0].domains[0]: crpi-aaaaaaaaaaaaaaaa is the placeholder of an example: write your own",
    ],
    [
      "an account of the documents",
      { identity: { source: "ecsRamRole", assumeRoles: [{ roleArn: role("1298452580000000") }] } },
      "line 8: identity.assumeRoles[0].roleArn: 1298452580000000 is the account of an example: write your own",
    ],
    [
      "a gap",
      { identity: { source: "accessKey", accessKeyId: "<AccessKey ID>", accessKeySecret: "<your secret>" } },
      'line 7: identity.accessKeyId: "<AccessKey ID>" is a placeholder: write your own',
      "line 8: identity: accessKeySecret is a placeholder: write your own",
    ],
    [
      "instanceName beside domains",
      {
        registries: [
          {
            instanceId: "cri-a1b2",
            instanceName: "corp",
            regionId: "cn-hangzhou",
            domains: ["a.example.com"],
          },
        ],
      },
      "line 7: registries[0].instanceName: has no effect beside domains: the entry answers for these hosts and no others; leave out one of them",
    ],
  ];
  test.each(rows)("%s is a warning", async (_name, native, ...problems) => {
    const checked = await onNode(native, []);
    expect(checked).toMatchObject({ status: 0, verdict: "%/checked.yaml: valid" });
    expect(checked.problems).toEqual(problems.map((problem) => `warning: ${problem}`));
  });

  test("real IDs, accounts and globs are none", async () => {
    const native = {
      registries: [{ instanceId: "cri-aab3cc4ddd5e6f7g", regionId: "cn-hangzhou" }],
      identity: { source: "ecsRamRole", assumeRoles: [{ roleArn: role("1999999999999999") }] },
    };
    expect((await onNode(native, [])).problems).toEqual([]);
  });

  test("a placeholder that the schema refuses is said once, as an error", async () => {
    const { status, problems } = await onNode({ registries: [{ instanceId: "<cri-…>" }] }, []);
    expect(status).toBe(2);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toStartWith("error: line 6: registries[0].instanceId: ");
  });

  test("a placeholder in an acr-configuration has the ConfigMap's path", async () => {
    const file = `${at.node.directory}/configmap.yaml`;
    const data = {
      "acr-registry-info": '- instanceId: "cri-xxx"\n  regionId: "cn-hangzhou"\n',
      "service-account": "*",
    };
    writeFileSync(file, stringify({ apiVersion: "v1", kind: "ConfigMap", data }), { mode: 0o600 });
    const { stdout } = await runExecutable({ args: ["config", "validate", file] });
    expect(stdout).toContain("acr-registry-info[0].instanceId: cri-xxx is the placeholder of an example");
  });
});
