import { describe, expect, test } from "bun:test";
import { copyFileSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { version } from "../../package.json";
import { instanceCorp, keyA, nodeRoleName } from "../cloud/defaultWorld.ts";
import { executable, type RunOptions, type RunResult, runExecutable } from "../support/executable.ts";
import { kubeletRequest } from "../support/request.ts";
import { useSimulatedNode } from "../support/simulatedNode.ts";

const CORP = "corp-registry.cn-hangzhou.cr.aliyuncs.com";
const PERSONAL = "registry-vpc.cn-hangzhou.aliyuncs.com";
/** errCredentialsNotFoundMessage of github.com/docker/docker-credential-helpers. */
const NOT_FOUND = "credentials not found in native keychain\n";
const registries = [
  { instanceId: instanceCorp, instanceName: "corp", regionId: "cn-hangzhou" },
  { instanceId: "", regionId: "cn-hangzhou" },
];
const identity = { source: "accessKey", accessKeyId: keyA.id, accessKeySecret: keyA.secret };

const at = useSimulatedNode({ registries, identity }, { tokenLifeMs: 3_600_000 });

const helper = (action: string, stdin = "") => at.node.run(["docker-credential", action], { stdin });

/** The executable under another name, as packages link it; the config by the variable, as docker can have it. */
function linked(name: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const folder = `${at.node.directory}/bin`;
  mkdirSync(folder, { recursive: true });
  if (!existsSync(`${folder}/${name}`)) symlinkSync(executable, `${folder}/${name}`);
  const env = { ALIYUN_ACR_CREDENTIAL_PROVIDER_CONFIG: at.node.configFile };
  return runExecutable({ path: `${folder}/${name}`, args, env, ...options });
}

function expectNoSecret({ stderr }: RunResult): void {
  for (const secret of at.cloud.secrets) expect(stderr).not.toContain(secret);
}

describe("docker-credential get", () => {
  test.each([
    ["a host", CORP, CORP],
    ["a URL with a path and a newline", `https://${CORP}/v2/\n`, `https://${CORP}/v2/`],
    ["HTTPS's own port, in upper case", `${CORP.toUpperCase()}:443`, `${CORP.toUpperCase()}:443`],
  ])("%s: the token, and the server's URL as it was sent", async (_, stdin, serverUrl) => {
    const result = await helper("get", stdin);
    const [token] = at.cloud.issuedTokens.slice(-1);
    expect(result).toMatchObject({ status: 0, stderr: "" });
    expect(result.stdout).toBe(
      `${JSON.stringify({ ServerURL: serverUrl, Username: token?.username, Secret: token?.password })}\n`,
    );
  });

  test("takes the token that a pull has left in the cache, and leaves one for the next pull", async () => {
    await at.node.pull(`${CORP}/apps/web`);
    const { stdout } = await helper("get", CORP);
    expect(JSON.parse(stdout).Secret).toBe(at.cloud.issuedTokens.at(-1)?.password);
    await helper("get", PERSONAL);
    await at.node.pull(`${PERSONAL}/apps/web`);
    expect(at.cloud.requests).toHaveLength(2);
    expect(at.node.log().map(({ host, cache }) => `${host} ${cache}`)).toEqual([
      `${CORP} miss`,
      `${CORP} hit`,
      `${PERSONAL} miss`,
      `${PERSONAL} hit`,
    ]);
  });

  test.each([
    "docker.io",
    "https://index.docker.io/v1/",
    `${CORP}.evil.example`,
    `user@${CORP}`,
    "other.example.com:5000/path",
    "not a host",
  ])("%p is not ours: the protocol's sentence and nothing else, and no one is asked", async (stdin) => {
    at.node.configure({ registries: [{ ...registries[0], domains: [CORP] }], identity });
    expect(await helper("get", stdin)).toMatchObject({ status: 1, stdout: NOT_FOUND, stderr: "" });
    expect(at.cloud.requests).toEqual([]);
  });

  test.each([
    ["nothing", "", "it is empty"],
    ["plain HTTP", `http://${CORP}`, "in the clear"],
    ["too much", "x".repeat(70_000), "larger than"],
  ])("%s is refused", async (_, stdin, reason) => {
    const result = await helper("get", stdin);
    expect(result).toMatchObject({ status: 1, stdout: NOT_FOUND });
    expect(result.stderr).toContain(reason);
    expect(at.cloud.requests).toEqual([]);
  });

  test("a refusal of the API: the reason is one line on stderr", async () => {
    at.cloud.faults.set({ operation: "GetAuthorizationToken", kind: "error", code: "NoPermission" });
    const result = await helper("get", CORP);
    expect(result).toMatchObject({ status: 1, stdout: NOT_FOUND });
    expect(result.stderr).toMatch(
      new RegExp(`^unable to get credentials for ${CORP} \\(instance ${instanceCorp}.*NoPermission.*\\n$`),
    );
    expectNoSecret(result);
    expect(at.node.log()).toMatchObject([{ host: CORP, outcome: "failed", error: { code: "NoPermission" } }]);
  });

  test("a config that cannot be read is a reason too", async () => {
    writeFileSync(at.node.configFile, "cahce: {}\n", { mode: 0o600 });
    const result = await helper("get", CORP);
    expect(result).toMatchObject({ status: 1, stdout: NOT_FOUND });
    expect(result.stderr).toContain("cahce");
  });

  test.each([
    [
      "an identity of pods",
      {
        source: "serviceAccountToken",
        roleArn: "acs:ram::1609982529000000:role/any-pod",
        oidcProviderArn: "acs:ram::1609982529000000:oidc-provider/ack-rrsa-example",
      },
      {},
      "identity serviceAccountToken needs the token of a pod's service account, and no pod is behind docker-credential",
    ],
    [
      "access rules",
      identity,
      { namespaces: ["apps"] },
      "access restricts who may pull to certain pods, and no pod is behind docker-credential",
    ],
  ])("%s: says that no pod is behind it, and asks no one", async (_, source, access, reason) => {
    at.node.configure({ registries, identity: source, access });
    const result = await helper("get", CORP);
    expect(result).toMatchObject({ status: 1, stdout: NOT_FOUND });
    expect(result.stderr).toContain(reason);
    expect(result.stderr).toContain("a config of its own");
    expect(result.stderr).not.toContain("tokenAttributes");
    expect(at.cloud.requests).toEqual([]);
  });

  test("with no config the node's role serves, for default hosts", async () => {
    at.node.configure({});
    const { status, stdout } = await helper("get", CORP);
    expect({ status, user: JSON.parse(stdout).Username }).toEqual({ status: 0, user: "cr_temp_user" });
    expect(at.cloud.issuedTokens.at(-1)?.callerArn).toContain(nodeRoleName);
  });
});

describe("docker-credential list", () => {
  test("the hosts that the cache has a token for; asks no one", async () => {
    expect(await helper("list")).toMatchObject({ status: 0, stdout: "{}\n", stderr: "" });
    await helper("get", PERSONAL);
    const asked = at.cloud.requests.length;
    const { status, stdout } = await helper("list");
    expect(status).toBe(0);
    // One token for all hosts of an instance, where the config names the API's endpoint.
    expect(JSON.parse(stdout)).toEqual({
      "registry.cn-hangzhou.aliyuncs.com": "cr_temp_user",
      [PERSONAL]: "cr_temp_user",
    });
    expect(at.cloud.requests).toHaveLength(asked);
  });

  test("custom domains that are remembered of the instance are among them", async () => {
    at.node.configure({ registries: [{ instanceId: instanceCorp, regionId: "cn-hangzhou" }], identity });
    await helper("get", "images.example.com");
    expect(JSON.parse((await helper("list")).stdout)).toEqual({
      [CORP]: "cr_temp_user",
      "corp-registry-vpc.cn-hangzhou.cr.aliyuncs.com": "cr_temp_user",
      "images.example.com": "cr_temp_user",
    });
  });
});

describe("docker-credential store and erase", () => {
  const stored = JSON.stringify({ ServerURL: CORP, Username: "someone", Secret: "CANARYofSomeone000" });

  test("store: read-only, and what it was given appears nowhere", async () => {
    const result = await helper("store", stored);
    expect(result).toMatchObject({
      status: 1,
      stdout: "store credentials: this credential helper is read-only\n",
    });
    expect(result.stderr).toContain("without docker login");
    expect(result.stdout + result.stderr).not.toContain("CANARYofSomeone000");
  });

  test("erase: nothing to do, and the node's cache stays", async () => {
    await helper("get", CORP);
    expect(await helper("erase", CORP)).toMatchObject({ status: 0, stdout: "", stderr: "" });
    await helper("get", CORP);
    expect(at.cloud.calls("GetAuthorizationToken")).toHaveLength(1);
  });

  test("another action is wrong usage", async () => {
    expect(await helper("fetch")).toMatchObject({ status: 2, stdout: "" });
  });
});

describe("by the executable's name", () => {
  test.each(["docker-credential-aliyun-acr", "docker-credential-x"])("%s is the helper", async (name) => {
    const { status, stdout } = await linked(name, ["get"], { stdin: CORP });
    expect({ status, url: JSON.parse(stdout).ServerURL }).toEqual({ status: 0, url: CORP });
    expect((await linked(name, ["version"])).stdout).toContain(version);
    expect((await linked(name, ["--help"])).stdout).toContain("docker-credential get|list|store|erase");
    expect(await linked(name, [])).toMatchObject({ status: 2, stdout: "" });
  });

  test("a copy of the executable is the helper too", async () => {
    const path = `${at.node.directory}/docker-credential-copy`;
    copyFileSync(executable, path);
    const env = { ALIYUN_ACR_CREDENTIAL_PROVIDER_CONFIG: at.node.configFile };
    expect((await runExecutable({ path, args: ["list"], env })).stdout).toBe("{}\n");
  });

  test.each(["docker-credential", "my-docker-credential-x", "acr", "docker-credentials"])(
    "%s is the plugin, as under its own name",
    async (name) => {
      const image = `${CORP}/apps/web`;
      const { status, stdout } = await linked(name, [], { stdin: kubeletRequest(image) });
      expect(status).toBe(0);
      expect(Object.keys(JSON.parse(stdout).auth)).toEqual([CORP]);
    },
  );
});
