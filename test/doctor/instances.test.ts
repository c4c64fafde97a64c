import { describe, expect, test } from "bun:test";
import { instanceCorp, instanceShared, keyA, powerlessKeyA } from "../cloud/defaultWorld.ts";
import { checkOf, checksOf, statusesOf } from "../support/doctor.ts";
import { useSimulatedNode } from "../support/simulatedNode.ts";

const at = useSimulatedNode();
const identity = { source: "accessKey", accessKeyId: keyA.id, accessKeySecret: keyA.secret };
const corp = { instanceId: instanceCorp, regionId: "cn-hangzhou" };

function configured(registries: unknown[], more: Record<string, unknown> = {}) {
  at.node.configure({ identity, registries, timeouts: { total: "10s", request: "1s" }, ...more });
  return checksOf(at, "instances");
}

describe("each entry", () => {
  test("of the Enterprise Edition: the endpoint, the domains with who is let in, a new token", async () => {
    const checks = await configured([corp]);
    expect(statusesOf(checks)).toEqual(["endpoint ok", "domains ok", "token ok"]);
    expect(checks[0]?.subject).toBe(`registries[0] (${instanceCorp} in cn-hangzhou)`);
    expect(checkOf(checks, "endpoint").found).toBe(`${new URL(at.cloud.endpoints.acr).host} answers`);
    expect(checkOf(checks, "domains").found).toContain(
      "images.example.com (internet, admits 192.168.0.0/16)",
    );
    expect(checkOf(checks, "domains").found).toContain("(vpc, VPCs vpc-example)");
    expect(checkOf(checks, "token").found).toMatch(/^a new one of cr_temp_user, (59|60) min left$/);
  });

  test("a token is asked for although the cache has one, and nothing is kept", async () => {
    at.node.configure({ identity, registries: [corp] });
    await at.node.pull("corp-registry.cn-hangzhou.cr.aliyuncs.com/team/web");
    const before = at.cloud.issuedTokens.length;
    await checksOf(at, "instances");
    expect(at.cloud.issuedTokens).toHaveLength(before + 1);
  });

  test("of the Personal Edition: no domains", async () => {
    const checks = await configured([{ regionId: "cn-hangzhou" }]);
    expect(statusesOf(checks)).toEqual(["endpoint ok", "token ok"]);
  });

  test("the node's region stands in for one that is missing", async () => {
    const checks = await configured([{ instanceId: instanceCorp }]);
    expect(checks[0]?.subject).toBe(`registries[0] (${instanceCorp} in cn-hangzhou)`);
    expect(checkOf(checks, "token").status).toBe("ok");
  });

  test("with fixed credentials: the files", async () => {
    const directory = `${at.node.directory}/fixed`;
    const entry = { domains: ["a.example.com"], fixedCredentials: { directory } };
    expect(checkOf(await configured([entry]), "token")).toMatchObject({ status: "failed" });
    Bun.spawnSync(["mkdir", "-m", "700", directory]);
    for (const [name, text] of [
      ["username", "someone"],
      ["password", "secret-of-theirs"],
    ] as const) {
      const stdin = Buffer.from(text);
      Bun.spawnSync(["install", "-m", "600", "/dev/stdin", `${directory}/${name}`], { stdin });
    }
    expect(checkOf(await configured([entry]), "token").found).toEndWith("fixed, user someone");
  });

  test("without entries the instances of images are discovered", async () => {
    at.node.configure({ identity, timeouts: { total: "10s", request: "1s" } });
    expect(statusesOf(await checksOf(at, "instances"))).toEqual(["token skipped"]);
  });
});

type Row = [
  name: string,
  entry: Record<string, unknown>,
  more: Record<string, unknown>,
  prepare: () => void,
  id: string,
  status: string,
  found: string | RegExp,
  remedy: string | RegExp,
];

const powerless = {
  source: "accessKey",
  accessKeyId: powerlessKeyA.id,
  accessKeySecret: powerlessKeyA.secret,
};

const rows: Row[] = [
  [
    "an instance of another account",
    { ...corp, instanceId: instanceShared },
    {},
    () => {},
    "token",
    "failed",
    "INSTANCE_NOT_EXIST, request id",
    /./,
  ],
  [
    "an identity without permissions",
    corp,
    { identity: powerless },
    () => {},
    "token",
    "failed",
    "GetAuthorizationToken",
    /^attach a RAM policy to accessKey LTAI.*: \{ "Effect": "Allow", "Action": \[ "cr:GetAuthorizationToken", "cr:ListInstanceEndpoint", "cr:PullRepository" \], "Resource": "\*" \}$/,
  ],
  [
    "domains that cannot be listed, and nothing else names a host",
    corp,
    { identity: powerless },
    () => {},
    "domains",
    "failed",
    "ListInstanceEndpoint",
    "attach a RAM policy to accessKey",
  ],
  [
    "domains that cannot be listed, and the entry names them",
    { ...corp, domains: ["images.example.com"] },
    { identity: powerless },
    () => {},
    "domains",
    "warning",
    "they are not known, which matters to custom domains only",
    "attach a RAM policy to accessKey",
  ],
  [
    "a domain that the instance does not have",
    { ...corp, domains: ["127.0.0.1:9"] },
    {},
    () => {},
    "domains",
    "warning",
    `127.0.0.1:9 of registries[0].domains is not a domain of ${instanceCorp}`,
    "correct domains or instanceId of registries[0]",
  ],
  [
    "an API that does not answer",
    corp,
    {},
    () => at.cloud.faults.set({ operation: "*", kind: "hang" }),
    "endpoint",
    "failed",
    "no API endpoint answers: 127.0.0.1",
    "see the group network",
  ],
  [
    "a region that nothing tells",
    { instanceId: instanceCorp },
    {},
    () => {
      at.cloud.faults.set({ operation: "MetadataToken", kind: "reset" });
    },
    "region",
    "failed",
    `nothing tells the region of ${instanceCorp}`,
    'add "regionId: cn-…" to registries[0]',
  ],
];

describe("what is wrong with an entry", () => {
  for (const [name, entry, more, prepare, id, status, found, remedy] of rows) {
    test(name, async () => {
      prepare();
      const check = checkOf(await configured([entry], more), id);
      expect(check.status).toBe(status as typeof check.status);
      expect(check.found).toMatch(found);
      expect(check.remedy).toMatch(remedy);
    });
  }
});
