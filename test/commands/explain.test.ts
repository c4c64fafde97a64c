import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import {
  instanceCorp,
  instanceTeamA,
  keyA,
  oidcProvider,
  powerlessKeyA,
  roleAcrForAccountA,
  rolePodPuller,
} from "../cloud/defaultWorld.ts";
import { setClockBack } from "../support/cachedToken.ts";
import { useSimulatedNode } from "../support/simulatedNode.ts";

const CORP = "corp-registry.cn-hangzhou.cr.aliyuncs.com";
const CORP_VPC = "corp-registry-vpc.cn-hangzhou.cr.aliyuncs.com";
const CRPI = "crpi-abc.cn-hangzhou.personal.cr.aliyuncs.com";
const identity = { source: "accessKey", accessKeyId: keyA.id, accessKeySecret: keyA.secret };
const corp = { instanceId: instanceCorp, instanceName: "corp", regionId: "cn-hangzhou" };
const teamA = { instanceId: instanceTeamA, instanceName: "team-a" };

const at = useSimulatedNode();

type Row = [name: string, native: Record<string, unknown>, host: string, lines: string[], args?: string[]];

describe("explain without network says each decision and why the others were passed over", () => {
  const annotation = (name: string, value: string) => ["--annotation", `${name}=${value}`];
  const rows: Row[] = [
    [
      "the entry of the name",
      { registries: [corp, teamA, {}] },
      CORP_VPC,
      [
        "considered  registries[0]: chosen: its instanceName is corp and its region fits",
        "considered  registries[1]: passed over: registries[0] answers before it",
        "considered  registries[2]: passed over: it is the Personal Edition, the host is not",
        `registry    Enterprise Edition instance ${instanceCorp} (corp) in cn-hangzhou, by registries[0]`,
        "region      cn-hangzhou, by registries[0].regionId",
        "network     auto: the host leads into the VPC, so its API endpoint is asked first",
        "access      allowed: every pod may pull",
        "identity    accessKey",
        "proxy       https://127.0.0.1:",
        ": none (HTTPS_PROXY is not set here; the kubelet has its own environment)",
        "cache       holds no token: one has to be asked for",
        "keep for    the life of the token that it gets, less expiringThreshold (cacheDuration)",
        "outcome     would ask for a token (--fetch tries it)",
      ],
    ],
    [
      "domains, and the default region",
      {
        defaultRegion: "cn-beijing",
        registries: [
          { ...corp, domains: ["a.example.com"] },
          { ...teamA, domains: ["b.example.com"] },
        ],
      },
      "b.example.com",
      [
        "considered  registries[0]: passed over: its domains do not name the host",
        "considered  registries[1]: chosen: its domains name the host",
        "region      cn-beijing, by defaultRegion",
      ],
    ],
    [
      "the host's region",
      { registries: [teamA] },
      "team-a-registry.cn-beijing.cr.aliyuncs.com",
      ["region      cn-beijing, by the host"],
    ],
    [
      "a network that is configured",
      { registries: [corp], network: "public" },
      CORP_VPC,
      ["network     public, as configured"],
    ],
    [
      "the implied Personal Edition",
      {},
      "registry.cn-hangzhou.aliyuncs.com",
      [
        "considered  implied: chosen: registries is empty: the Personal Edition of every region",
        "registry    Personal Edition in cn-hangzhou, by implied",
      ],
    ],
    [
      "no implied Personal Edition beside entries",
      { registries: [{ regionId: "cn-beijing" }, corp] },
      "registry.cn-hangzhou.aliyuncs.com",
      [
        "considered  registries[0]: passed over: its region is cn-beijing, the host's cn-hangzhou",
        "considered  registries[1]: passed over: it is an Enterprise Edition instance, the host is not",
        "considered  implied: passed over: registries has entries, none for this host",
        "outcome     not a registry of this config",
        "keep for    0s (cacheDuration)",
      ],
    ],
    [
      "two Personal entries for one region",
      { registries: [{}, { regionId: "cn-hangzhou" }] },
      "registry.cn-hangzhou.aliyuncs.com",
      ["considered  registries[0]: passed over: registries[1] comes first for cn-hangzhou"],
    ],
    [
      "discovery that is off",
      { registries: [teamA] },
      CORP,
      [
        "considered  registries[0]: passed over: its instanceName is team-a",
        "considered  discovery: passed over: discovery is auto, and registries has entries",
        "outcome     failed",
        'remedy      add to registries: "- {instanceId: cri-…, instanceName: corp, regionId: cn-hangzhou}", or set discovery: always',
      ],
    ],
    [
      "discovery that would have to ask",
      { discovery: "always", registries: [teamA] },
      CORP,
      [
        "considered  discovery: passed over: ListInstance: 127.0.0.1",
        "outcome     unknown without asking the network",
      ],
    ],
    [
      "a new Personal instance that nobody configured",
      { registries: [{}] },
      CRPI,
      [
        "considered  registries[0]: passed over: it is the Personal Edition, and hosts crpi-… must be named in domains",
        `remedy      either try the Personal Edition's API with an entry of registries "- domains: [${CRPI}]", or keep`,
      ],
    ],
    [
      "fixed credentials",
      { registries: [{ domains: [CRPI], fixedCredentials: { directory: "/fixed" } }] },
      CRPI,
      [
        "considered  registries[0]: chosen: its domains name the host",
        "cache       not used: fixed credentials in /fixed",
      ],
    ],
    [
      "a registry of somebody else",
      { registries: [corp] },
      "docker.io",
      ["considered  host: passed over: it is none of ACR's, nor can it be a custom domain"],
    ],
    [
      "a host that nobody could have",
      {},
      "images.example.com",
      ["considered  host: passed over: no entry names it, nor is there one without domains"],
    ],
    [
      "a chain of roles",
      { registries: [corp], identity: { ...identity, assumeRoles: [{ roleArn: roleAcrForAccountA }] } },
      CORP,
      [`> ${roleAcrForAccountA}`],
    ],
    [
      "rules that refuse",
      { registries: [corp], access: { namespaces: ["apps"] } },
      CORP,
      [
        "access      refused: restricted to namespaces apps; service accounts * (no service account was sent)",
        "outcome     refused",
        "(code AccessDeniedNoToken)",
      ],
    ],
    [
      "annotations that are ignored",
      { registries: [corp] },
      CORP,
      ["(ignored: serviceAccountAnnotations.enabled is false)"],
      ["--service-account", "a/b", ...annotation("k8s.aliyun.com/acr-instance-ids", instanceTeamA)],
    ],
    [
      "an instance that a service account names",
      { registries: [{}], serviceAccountAnnotations: { enabled: true } },
      "registry.cn-hangzhou.aliyuncs.com",
      [
        `considered  annotation ${instanceTeamA}: passed over: it is an Enterprise Edition instance, the host is not`,
      ],
      ["--service-account", "a/b", ...annotation("k8s.aliyun.com/acr-instance-ids", instanceTeamA)],
    ],
    [
      "a role that no service account may ask for",
      { registries: [corp], serviceAccountAnnotations: { enabled: true } },
      CORP,
      ["outcome     refused", "(code AccessDeniedRole)"],
      ["--service-account", "a/b", ...annotation("k8s.aliyun.com/acr-user-arns", roleAcrForAccountA)],
    ],
  ];
  for (const [name, native, host, lines, args = []] of rows) {
    test(name, async () => {
      at.node.configure({ identity, ...native });
      const { stdout } = await at.node.run(["explain", `${host}/apps/web`, ...args]);
      for (const line of lines) expect(stdout).toContain(line);
      expect(at.cloud.requests).toEqual([]);
      expect(stdout).not.toContain(keyA.secret);
    });
  }
});

describe("explain without network promises nothing", () => {
  const powerless = {
    source: "accessKey",
    accessKeyId: powerlessKeyA.id,
    accessKeySecret: powerlessKeyA.secret,
  };

  test("a key that may do nothing would ask, and --fetch is what says that it may not", async () => {
    at.node.configure({ registries: [corp], identity: powerless });
    const { status, stdout } = await at.node.run(["explain", `${CORP}/apps/web`]);
    expect({ status, outcomes: stdout.match(/^outcome .*$/gm) }).toEqual({
      status: 0,
      outcomes: ["outcome     would ask for a token (--fetch tries it)"],
    });
    expect(at.cloud.requests).toEqual([]);
    const fetched = await at.node.run(["explain", `${CORP}/apps/web`, "--fetch"]);
    expect(fetched.status).toBe(1);
    expect(fetched.stdout).toContain("outcome     failed");
    expect(fetched.stdout).toContain("NoPermission");
  });

  test("a cached token that serves, with what is left of it and for how long it is kept", async () => {
    at.node.configure({ registries: [corp], identity });
    expect((await at.node.pull(`${CORP}/apps/web`)).status).toBe(0);
    at.cloud.reset();
    const { stdout } = await at.node.run(["explain", `${CORP}/apps/web`, "--output", "json"]);
    const explanation = JSON.parse(stdout);
    expect(explanation.outcome).toBe("cachedToken");
    expect(explanation.tokenSecondsLeft).toBeGreaterThan(explanation.cacheDurationSeconds);
    expect(at.cloud.requests).toEqual([]);
  });

  test("fixed credentials are those of the node, and no one has been asked whether they are right", async () => {
    const directory = `${at.node.directory}/fixed`;
    mkdirSync(directory, { mode: 0o700 });
    writeFileSync(`${directory}/username`, "robot", { mode: 0o600 });
    writeFileSync(`${directory}/password`, "CANARYfixedPassword", { mode: 0o600 });
    at.node.configure({ registries: [{ domains: [CRPI], fixedCredentials: { directory } }] });
    const { stdout } = await at.node.run(["explain", `${CRPI}/apps/web`]);
    expect(stdout).toContain(
      "outcome     fixed credentials of this node; whether the registry takes them is not known",
    );
    expect(stdout).toContain("keep for    300s (cacheDuration)");
    expect(stdout).not.toContain("CANARY");
  });

  test("domains that are due to be asked for again are said to be as remembered", async () => {
    at.node.configure({ registries: [{ instanceId: instanceCorp, regionId: "cn-hangzhou" }], identity });
    expect((await at.node.pull("images.example.com/apps/web")).status).toBe(0);
    at.cloud.reset();
    await setClockBack(at.node.cacheDirectory, -20 * 60_000);
    const { stdout } = await at.node.run(["explain", "other.example.com/apps/web"]);
    expect(stdout).toContain("outcome     not a registry of this config");
    expect(stdout).toContain(
      `warning     the domains of ${instanceCorp}: as remembered, and due to be asked for again (--fetch asks)`,
    );
    expect(at.cloud.requests).toEqual([]);
  });
});

describe("explain with the service account's own identity", () => {
  const podIdentity = {
    source: "serviceAccountToken",
    roleArn: rolePodPuller,
    oidcProviderArn: oidcProvider,
  };
  const command = "kubectl create token puller -n apps --audience sts.aliyuncs.com > FILE";
  const named = ["--service-account", "apps/puller"];

  test("by its name alone it would ask, and the command that makes the token is shown", async () => {
    at.node.configure({ registries: [corp], identity: podIdentity });
    const { status, stdout } = await at.node.run(["explain", `${CORP}/apps/web`, ...named]);
    expect(status).toBe(0);
    expect(stdout).toContain("outcome     would ask for a token (--fetch tries it)");
    expect(stdout).toContain(`token       ${command}, then --token-file FILE --fetch`);
    expect(stdout).toContain(`identity    serviceAccountToken apps/puller > ${rolePodPuller}`);
    expect(stdout).toMatch(/^STS {9}https:\/\/127\.0\.0\.1:\d+$/m);
    expect(at.cloud.requests).toEqual([]);
  });

  test("--fetch by its name alone is refused, and STS never gets an empty token", async () => {
    at.node.configure({ registries: [corp], identity: podIdentity });
    const { status, stdout, stderr } = await at.node.run([
      "explain",
      `${CORP}/apps/web`,
      "--fetch",
      ...named,
    ]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(`run "${command}", and give it with --token-file FILE`);
    expect(at.cloud.requests).toEqual([]);
  });

  test("so is --fetch without any service account, where nobody else may pull", async () => {
    at.node.configure({ registries: [corp], identity: podIdentity });
    const { status, stderr } = await at.node.run(["explain", `${CORP}/apps/web`, "--fetch"]);
    expect(status).toBe(2);
    expect(stderr).toContain("kubectl create token NAME -n NAMESPACE --audience sts.aliyuncs.com > FILE");
    const offline = await at.node.run(["explain", `${CORP}/apps/web`]);
    expect(offline.stdout).toContain("outcome     failed");
    expect(at.cloud.requests).toEqual([]);
  });

  test("where the node asks too, only what needs the token is refused, before any request", async () => {
    const entries = [
      { instanceId: instanceTeamA, regionId: "cn-hangzhou", identity: { source: "ecsRamRole" } },
    ];
    at.node.configure({ registries: entries, discovery: "always", identity: podIdentity });
    const { status } = await at.node.run(["explain", `${CORP}/apps/web`, "--fetch", ...named]);
    expect(status).toBe(2);
    expect(at.cloud.calls("AssumeRoleWithOIDC")).toEqual([]);
  });

  test("a fallback serves pods without service account, and needs no token", async () => {
    at.node.configure({ registries: [corp], identity: { ...podIdentity, fallback: identity } });
    const { status, stdout } = await at.node.run(["explain", `${CORP}/apps/web`, "--fetch"]);
    expect({ status, outcome: stdout.includes("outcome     credentials") }).toEqual({
      status: 0,
      outcome: true,
    });
  });

  test("with its token it fetches, and the token is nowhere", async () => {
    at.node.configure({ registries: [corp], identity: podIdentity });
    const token = at.cloud.issueServiceAccountToken({ namespace: "apps", serviceAccount: "puller" });
    const file = `${at.node.directory}/token`;
    writeFileSync(file, token);
    const args = ["explain", `${CORP}/apps/web`, "--token-file", file, "--fetch"];
    const { status, stdout } = await at.node.run(args);
    expect(status).toBe(0);
    expect(stdout).toContain("outcome     credentials");
    expect(stdout).not.toContain(token);
    const other = await at.node.run([...args, "--service-account", "apps/other"]);
    expect(other.status).toBe(2);
    expect(other.stderr).toContain("--token-file holds a token of apps/puller, not of apps/other");
  });
});

describe("explain names the proxy of each endpoint", () => {
  const acr = "https://acr.invalid";
  const sts = "https://sts.invalid";
  const endpoints = { acr, sts };
  const chain = { ...identity, assumeRoles: [{ roleArn: roleAcrForAccountA }] };
  const proxy = "http://user:CANARYproxyPassword@10.0.0.5:3128";
  const rows: [name: string, env: Record<string, string>, ...lines: string[]][] = [
    [
      "one for all, without user name and password",
      { HTTPS_PROXY: proxy },
      `proxy       ${sts}: through http://10.0.0.5:3128 (HTTPS_PROXY)`,
      `proxy       ${acr}: through http://10.0.0.5:3128 (HTTPS_PROXY)`,
    ],
    [
      "one that an exception keeps from STS",
      { https_proxy: "10.0.0.5:3128", NO_PROXY: "sts.invalid" },
      `proxy       ${sts}: none (NO_PROXY has "sts.invalid")`,
      `proxy       ${acr}: through http://10.0.0.5:3128 (https_proxy)`,
    ],
    [
      "one that cannot be used",
      { HTTPS_PROXY: "socks5://user:CANARYproxyPassword@10.0.0.5:1080" },
      `proxy       ${acr}: none (use the proxy of HTTPS_PROXY: socks5:// proxies are not supported)`,
      "outcome     failed",
      "(code ProxyInvalid)",
    ],
  ];
  test.each(rows)("%s", async (_name, env, ...lines) => {
    at.node.configure({ registries: [corp], identity: chain, endpoints });
    const { stdout } = await at.node.run(["explain", `${CORP}/apps/web`], { env });
    for (const line of lines) expect(stdout).toContain(line);
    expect(stdout).not.toContain("CANARY");
  });

  test("as JSON", async () => {
    at.node.configure({ registries: [corp], identity, endpoints });
    const env = { HTTPS_PROXY: proxy };
    const { stdout } = await at.node.run(["explain", `${CORP}/apps/web`, "--output", "json"], { env });
    expect(JSON.parse(stdout).endpoints).toEqual([
      { api: "ACR", url: acr, proxy: "http://10.0.0.5:3128", proxyReason: "HTTPS_PROXY" },
    ]);
  });
});
