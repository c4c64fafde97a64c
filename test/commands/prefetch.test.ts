import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import {
  instanceCorp,
  instanceShared,
  instanceTeamA,
  keyA,
  keyB,
  minimalKeyA,
} from "../cloud/defaultWorld.ts";
import { callCounts } from "../resilience/nodes.ts";
import { leaveOfToken } from "../support/cachedToken.ts";
import { type RunResult, runExecutable } from "../support/executable.ts";
import { startProxy } from "../support/proxy.ts";
import { useSimulatedNode } from "../support/simulatedNode.ts";

const CORP = "corp-registry.cn-hangzhou.cr.aliyuncs.com";
const CORP_VPC = "corp-registry-vpc.cn-hangzhou.cr.aliyuncs.com";
const TEAM_A = "team-a-registry.cn-beijing.cr.aliyuncs.com";
const PERSONAL = "registry.cn-hangzhou.aliyuncs.com";
const PERSONAL_VPC = "registry-vpc.cn-hangzhou.aliyuncs.com";
const apiHosts = ["cr.cn-hangzhou.aliyuncs.com", "cr-vpc.cn-hangzhou.aliyuncs.com"];

const corp = { instanceId: instanceCorp, instanceName: "corp", regionId: "cn-hangzhou" };
const teamA = { instanceId: instanceTeamA, instanceName: "team-a", regionId: "cn-beijing" };
const personal = { instanceId: "", regionId: "cn-hangzhou" };
const shared = { instanceId: instanceShared, domains: ["shared.example.com"], regionId: "cn-hangzhou" };
const key = ({ id, secret }: { id: string; secret: string }) => ({
  source: "accessKey",
  accessKeyId: id,
  accessKeySecret: secret,
});
const identity = key(keyA);
const podIdentity = {
  source: "serviceAccountToken",
  roleArn: "acs:ram::1609982529000000:role/any-pod",
  oidcProviderArn: "acs:ram::1609982529000000:oidc-provider/ack-rrsa-example",
};

const at = useSimulatedNode({ identity }, { tokenLifeMs: 3_600_000, hosts: apiHosts });

const prefetch = (...args: string[]) => at.node.run(["prefetch", ...args]);
const lines = ({ stdout }: RunResult) => stdout.trimEnd().split("\n").toSorted();

/** Pulls from each host get credentials without a single request to the cloud. */
async function expectHits(...hosts: string[]): Promise<void> {
  const asked = at.cloud.requests.length;
  for (const host of hosts) {
    const { status, stdout } = await at.node.pull(`${host}/apps/web`);
    expect({ host, status, auth: Object.keys(JSON.parse(stdout).auth) }).toEqual({
      host,
      status: 0,
      auth: [host],
    });
  }
  expect(at.cloud.requests.slice(asked)).toEqual([]);
}

describe("prefetch fills what the next pull wants", () => {
  test("all configured registries, each named by its host; the pulls then ask no one", async () => {
    at.node.configure({ registries: [corp, { ...shared, identity: key(keyB) }, personal], identity });
    const result = await prefetch();
    expect(result).toMatchObject({ status: 0, stderr: "" });
    expect(lines(result)).toEqual(
      [CORP_VPC, CORP, "images.example.com"]
        .map((host) => `${host}: fresh token, 60 min left (instance ${instanceCorp} in cn-hangzhou, as `)
        .concat(
          [PERSONAL_VPC, PERSONAL].map(
            (host) => `${host}: fresh token, 60 min left (Personal Edition in cn-hangzhou, as `,
          ),
          `shared.example.com: fresh token, 60 min left (instance ${instanceShared} in cn-hangzhou, as `,
        )
        .map((line) => expect.stringContaining(line)),
    );
    expect(at.cloud.calls("GetAuthorizationToken")).toHaveLength(2);
    expect(at.cloud.calls("GetTokens(2016)")).toHaveLength(1);
    await expectHits(CORP, CORP_VPC, "images.example.com", "shared.example.com", PERSONAL, PERSONAL_VPC);
    for (const secret of at.cloud.secrets) expect(result.stdout).not.toContain(secret);
  });

  test("an entry without domains and name, whose hosts ListInstanceEndpoint tells", async () => {
    at.node.configure({ registries: [{ instanceId: instanceCorp, regionId: "cn-hangzhou" }], identity });
    expect(await prefetch()).toMatchObject({ status: 0, stderr: "" });
    expect(callCounts(at.cloud)).toEqual({ ListInstanceEndpoint: 1, GetAuthorizationToken: 1 });
    await expectHits(CORP, CORP_VPC, "images.example.com");
  });

  test("where the domains may not be listed, the hosts of the instance's name", async () => {
    at.cloud.faults.set({ operation: "ListInstanceEndpoint", kind: "error", code: "NoPermission" });
    at.node.configure({ registries: [corp], identity: key(minimalKeyA) });
    const result = await prefetch();
    expect(result).toMatchObject({ status: 0, stderr: "" });
    expect(lines(result).map((line) => line.split(":")[0])).toEqual([CORP_VPC, CORP]);
    await expectHits(CORP, CORP_VPC);
  });

  test("named hosts, found by discovery, with no registries and the node's region", async () => {
    at.node.configure({});
    const result = await prefetch(CORP, PERSONAL);
    expect(result).toMatchObject({ status: 0, stderr: "" });
    expect(lines(result)).toHaveLength(2);
    expect(callCounts(at.cloud).ListInstance).toBe(1);
    await expectHits(CORP, PERSONAL);
  });

  test("a registry in the region that only the node knows", async () => {
    at.node.configure({ registries: [{ instanceId: "" }], identity });
    expect((await prefetch()).status).toBe(0);
    expect(callCounts(at.cloud).MetadataRegion).toBe(1);
    await expectHits(PERSONAL, PERSONAL_VPC);
  });

  test("the VPC's and the public hosts of one instance, which do not share a token", async () => {
    const { endpoints } = at.cloud;
    const proxy = await startProxy(Object.fromEntries(apiHosts.map((host) => [host, endpoints.acr])));
    try {
      at.node.configure({ registries: [corp], identity, endpoints: { metadata: endpoints.metadata } });
      const env = { HTTPS_PROXY: `http://${proxy.address}` };
      expect(await at.node.run(["prefetch"], { env })).toMatchObject({ status: 0, stderr: "" });
      expect(at.cloud.calls("GetAuthorizationToken")).toHaveLength(2);
      expect(new Set(proxy.tunnels.map(({ target }) => target.split(":")[0]))).toEqual(new Set(apiHosts));
      await expectHits(CORP, CORP_VPC, "images.example.com");
    } finally {
      await proxy.close();
    }
  });

  test("access rules are for pulls: the token is there for the pods that may", async () => {
    at.node.configure({ registries: [personal], identity, access: { namespaces: ["apps"] } });
    expect((await prefetch()).status).toBe(0);
    expect(await at.node.pull(`${PERSONAL}/apps/web`)).toMatchObject({ status: 1, stdout: "" });
    const apps = { namespace: "apps", serviceAccount: "web" };
    const asked = at.cloud.requests.length;
    const serviceAccountToken = at.cloud.issueServiceAccountToken(apps);
    expect((await at.node.pull(`${PERSONAL}/apps/web`, { serviceAccountToken })).status).toBe(0);
    expect(at.cloud.requests).toHaveLength(asked);
  });
});

test("a host that two entries lead to is filled once, by the one that answers for it", async () => {
  const named = { ...shared, domains: ["images.example.com"], identity: key(keyB) };
  at.node.configure({ registries: [corp, named], identity });
  const result = await prefetch();
  expect(result).toMatchObject({ status: 0, stderr: "" });
  expect(lines(result).map((line) => line.split(":")[0])).toEqual([CORP_VPC, CORP, "images.example.com"]);
  expect(result.stdout).toContain(`images.example.com: fresh token, 60 min left (instance ${instanceShared}`);
  expect(at.cloud.calls("GetAuthorizationToken")).toHaveLength(2);
});

describe("prefetch again", () => {
  test("takes what the cache has, and asks no one", async () => {
    at.node.configure({ registries: [personal], identity });
    await prefetch();
    const asked = at.cloud.requests.length;
    const again = await prefetch();
    expect(again.status).toBe(0);
    expect(lines(again)[0]).toContain(`${PERSONAL_VPC}: cached token, 60 min left`);
    expect(at.cloud.requests).toHaveLength(asked);
  });

  test("--renew-before renews what has less than that left, and only that", async () => {
    at.node.configure({ registries: [personal], identity });
    await prefetch();
    expect(lines(await prefetch("--renew-before", "59m"))[0]).toContain("cached token");
    expect(at.cloud.requests).toHaveLength(1);
    const renewed = await prefetch("--renew-before", "61m");
    expect(renewed.status).toBe(0);
    expect(lines(renewed)[0]).toContain("fresh token, 60 min left");
    expect(at.cloud.requests).toHaveLength(2);
  });

  test("a renewal that fails is a failure, and the token stays", async () => {
    at.node.configure({ registries: [personal], identity });
    await prefetch(PERSONAL);
    at.cloud.faults.set({ operation: "GetTokens(2016)", kind: "error", code: "NoPermission" });
    const result = await prefetch("--renew-before", "2h", PERSONAL);
    expect(result.status).toBe(1);
    expect(result.stdout).toContain(`${PERSONAL}: cached token, 60 min left`);
    expect(result.stderr).toMatch(
      new RegExp(
        `^unable to get credentials for ${PERSONAL} .*could not be renewed: .*code NoPermission.*\\n$`,
      ),
    );
    await expectHits(PERSONAL);
  });

  test("a token that is due is renewed without being told so", async () => {
    at.node.configure({ registries: [personal], identity });
    await prefetch(PERSONAL);
    await leaveOfToken(at.node.cacheDirectory, 120_000);
    expect((await prefetch(PERSONAL)).stdout).toContain("fresh token");
  });
});

describe("prefetch when something fails", () => {
  test("the other registries are filled, each failure is a line, and the exit status is 1", async () => {
    at.node.configure({
      registries: [
        corp,
        { ...teamA, identity: key({ id: "LTAIunknown", secret: "CANARYunknown00000" }) },
        personal,
      ],
      identity,
    });
    const result = await prefetch();
    expect(result.status).toBe(1);
    expect(lines(result).map((line) => line.split(":")[0])).toEqual(
      [CORP_VPC, CORP, "images.example.com", PERSONAL_VPC, PERSONAL].toSorted(),
    );
    const failures = result.stderr.trimEnd().split("\n");
    expect(failures).toHaveLength(2);
    for (const line of failures) {
      expect(line).toMatch(
        /^unable to get credentials for team-a-registry(-vpc)?\.cn-beijing.*InvalidAccessKeyId/,
      );
    }
    expect(result.stderr).not.toContain("CANARY");
    await expectHits(CORP, PERSONAL);
    expect(at.node.log().map(({ outcome }) => outcome)).toContain("failed");
  });

  test("a hanging API: everything ends within three times timeouts.total, at four at a time", async () => {
    at.cloud.faults.set({ operation: "GetAuthorizationToken", kind: "hang" });
    const hosts = Array.from({ length: 40 }, (_, index) => `${index}.example.com`);
    at.node.configure({
      registries: [
        personal,
        ...hosts.map((host, index) => ({ ...corp, instanceId: `cri-${index}`, domains: [host] })),
      ],
      identity,
      timeouts: { total: "1s", request: "1s" },
    });
    const { status, stderr, ms } = await prefetch();
    expect(status).toBe(1);
    expect(stderr.trimEnd().split("\n")).toHaveLength(40);
    expect(ms).toBeLessThan(6000);
    // At most four at a time in each of the three seconds.
    const instances = at.cloud.calls("GetAuthorizationToken").map(({ parameters }) => parameters.InstanceId);
    expect(new Set(instances).size).toBeLessThanOrEqual(12);
    await expectHits(PERSONAL, PERSONAL_VPC);
  });

  test("a host that is not of this config", async () => {
    at.node.configure({ registries: [personal], identity });
    const result = await prefetch("docker.io", PERSONAL);
    expect(result.status).toBe(1);
    expect(result.stderr).toContain("docker.io: it is not a registry of this config (code NotOurs)");
    await expectHits(PERSONAL);
  });

  test("an entry whose hosts cannot be learnt", async () => {
    at.cloud.faults.set({ operation: "ListInstanceEndpoint", kind: "error", code: "NoPermission" });
    at.node.configure({
      registries: [{ instanceId: instanceCorp, regionId: "cn-hangzhou" }, personal],
      identity,
    });
    const result = await prefetch();
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(
      new RegExp(`^find the hosts of registries\\[0\\] \\(${instanceCorp}\\): .*code NoPermission`),
    );
    await expectHits(PERSONAL);
  });

  test("an instance without a domain: a failure, unless its name tells hosts", async () => {
    at.cloud.faults.set({ operation: "ListInstanceEndpoint", kind: "wrongTypes", set: { Endpoints: [] } });
    at.node.configure({ registries: [{ instanceId: instanceCorp, regionId: "cn-hangzhou" }], identity });
    const nameless = await prefetch();
    expect(nameless.status).toBe(1);
    expect(nameless.stderr).toMatch(/^find the hosts of registries\[0\].*code InstanceWithoutDomains/);
    at.node.configure({ registries: [corp], identity });
    expect((await prefetch()).status).toBe(0);
    await expectHits(CORP, CORP_VPC);
  });

  test("a cache that cannot keep the token: before any call, and after one", async () => {
    at.node.configure({ registries: [personal], identity });
    mkdirSync(at.node.cacheDirectory);
    writeFileSync(`${at.node.cacheDirectory}/foreign`, "");
    expect(await prefetch()).toMatchObject({ status: 1, stdout: "" });
    expect(at.cloud.requests).toEqual([]);

    at.node.configure({ registries: [personal], identity, cache: { directory: "/proc/self/nowhere" } });
    const { status, stderr } = await prefetch(PERSONAL);
    expect(status).toBe(1);
    expect(stderr).toContain("code CacheUnusable");
  });
});

describe("prefetch has nothing to do", () => {
  test("without registries and hosts it says what to name", async () => {
    at.node.configure({});
    const { status, stderr } = await prefetch();
    expect(status).toBe(2);
    expect(stderr).toContain("prefetch needs hosts");
    expect(stderr).toContain("prefetch registry-vpc.cn-hangzhou.aliyuncs.com");
    expect((await runExecutable({ args: ["prefetch"] })).stderr).toContain("there is no config file");
  });

  test("without a cache it refuses", async () => {
    at.node.configure({ registries: [personal], identity, cache: { enabled: false } });
    const { status, stderr } = await prefetch();
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringContaining("cache.enabled is false"),
    });
    expect(at.cloud.requests).toEqual([]);
  });

  test.each([
    [["https://example.com"], "leave out the scheme"],
    [["--renew-before", "soon"], "is not a duration"],
  ])("%p is wrong usage", async (args, words) => {
    const { status, stderr } = await prefetch(...args);
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining(words) });
  });
});

describe("identities that need a pod's token", () => {
  const byPods = { ...teamA, identity: podIdentity };

  test("are said and skipped beside others", async () => {
    at.node.configure({ registries: [byPods, { ...shared, identity: podIdentity }, personal], identity });
    const result = await prefetch();
    expect(result).toMatchObject({ status: 0, stderr: "" });
    const why = "skipped: identity serviceAccountToken needs the token of a pod's service account";
    expect(result.stdout).toContain(`${TEAM_A}: ${why}`);
    expect(result.stdout).toContain(`shared.example.com: ${why}`);
    await expectHits(PERSONAL);
  });

  test("are a failure when nothing else is there, or when one is named", async () => {
    at.node.configure({ registries: [byPods], identity });
    const all = await prefetch();
    expect(all.status).toBe(1);
    expect(all.stderr).toContain("code NothingToPrefetch");
    const named = await prefetch(TEAM_A);
    expect(named).toMatchObject({ status: 1, stdout: "" });
    expect(named.stderr).toContain(
      "needs the token of a pod's service account, and no pod is behind prefetch",
    );
    expect(at.cloud.requests).toEqual([]);
  });

  test("with a fallback that one is filled", async () => {
    at.node.configure({
      registries: [{ ...corp, identity: { ...podIdentity, fallback: identity } }],
      identity,
    });
    expect((await prefetch()).status).toBe(0);
    await expectHits(CORP);
  });
});

test("fixed credentials are looked at, and need no cache entry", async () => {
  const directory = `${at.node.directory}/fixed`;
  mkdirSync(directory);
  at.node.configure({
    registries: [{ domains: ["fixed.example.com"], fixedCredentials: { directory } }],
    identity,
  });
  expect((await prefetch()).stderr).toContain("fixed.example.com");
  for (const name of ["username", "password"]) writeFileSync(`${directory}/${name}`, `fixed-${name}`);
  for (const name of ["username", "password"]) chmodSync(`${directory}/${name}`, 0o600);
  const { status, stdout } = await prefetch();
  expect(status).toBe(0);
  expect(stdout).toContain(`fixed.example.com: fixed credentials in ${directory}, read at every pull`);
  expect(readFileSync(at.node.logFile, "utf8")).not.toContain("fixed-password");
});
