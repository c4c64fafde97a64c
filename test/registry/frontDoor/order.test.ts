import { beforeEach, describe, expect, test } from "bun:test";
import {
  accountA,
  defaultWorld,
  instance,
  instanceCorp,
  instanceTeamA,
  keyA,
  minimalKeyA,
} from "../../cloud/defaultWorld.ts";
import { opened } from "../../migration/support/opened.ts";
import { useSimulatedNode } from "../../support/simulatedNode.ts";

const CORP = "corp-registry.cn-hangzhou.cr.aliyuncs.com";
const CORP_VPC = "corp-registry-vpc.cn-hangzhou.cr.aliyuncs.com";
const PERSONAL = "registry.cn-hangzhou.aliyuncs.com";
const second = "cri-second0000000000";

const at = useSimulatedNode();
beforeEach(() => {
  Object.assign(at.cloud.world, defaultWorld());
  at.cloud.world.instances.push(instance(accountA, "cn-hangzhou", second, "second", "second.example.com"));
});

const personal = `personal ${accountA}`;
const corp = { instanceId: instanceCorp, regionId: "cn-hangzhou" };
const named = { ...corp, instanceName: "corp" };
const other = { instanceId: second, regionId: "cn-hangzhou" };

type Row = [
  name: string,
  registries: Record<string, unknown>[],
  host: string,
  opens: string | undefined,
  by: string,
  passedOver: string[],
];

describe("which of several entries answers, and what explain says of the others", () => {
  const rows: Row[] = [
    [
      "domains before the instance's name",
      [named, { ...other, domains: [CORP] }],
      CORP,
      second,
      "registries[1]",
      [],
    ],
    [
      "domains of the first that names the host",
      [
        { ...other, domains: ["a.example.com"] },
        { ...corp, domains: ["b.example.com"] },
      ],
      "b.example.com",
      instanceCorp,
      "registries[1]",
      ["registries[0]: passed over: its domains do not name the host"],
    ],
    [
      "a domain with its port",
      [
        { ...corp, domains: ["b.example.com:5000"] },
        { ...other, domains: ["b.example.com"] },
      ],
      "b.example.com",
      second,
      "registries[1]",
      ["registries[0]"],
    ],
    [
      "name and region before the name alone",
      [{ instanceId: second, instanceName: "corp" }, named],
      CORP,
      instanceCorp,
      "registries[1]",
      [],
    ],
    ["the name before whose domains have it", [other, named], CORP, instanceCorp, "registries[1]", []],
    [
      "the instance that owns the host",
      [other, corp],
      CORP_VPC,
      instanceCorp,
      "registries[1]",
      ["registries[0]: passed over: the host is not among the domains of its instance"],
    ],
    [
      "an entry with domains never for another host",
      [
        { ...corp, domains: ["images.example.com"] },
        { ...other, instanceName: "corp" },
      ],
      CORP,
      second,
      "registries[1]",
      ["registries[0]: passed over: its domains do not name the host"],
    ],
    [
      "the region of the host",
      [
        { ...named, regionId: "cn-beijing" },
        { instanceId: second, instanceName: "corp" },
      ],
      CORP,
      second,
      "registries[1]",
      ["registries[0]: passed over: its region is cn-beijing, the host's cn-hangzhou"],
    ],
    [
      "the Personal Edition of the host's region",
      [{ regionId: "cn-beijing" }, {}],
      PERSONAL,
      personal,
      "registries[1]",
      ["registries[0]: passed over"],
    ],
    [
      "the region's own Personal entry before the general one",
      [{}, { regionId: "cn-hangzhou" }],
      PERSONAL,
      personal,
      "registries[1]",
      ["registries[0]: passed over"],
    ],
    [
      "editions do not mix",
      [corp, {}],
      PERSONAL,
      personal,
      "registries[1]",
      ["registries[0]: passed over: it is an Enterprise Edition instance, the host is not"],
    ],
    [
      "a custom domain of the second instance",
      [{ instanceId: instanceTeamA, regionId: "cn-beijing" }, other],
      "second.example.com",
      second,
      "registries[1]",
      ["registries[0]: passed over: the host is not among the domains of its instance"],
    ],
  ];
  for (const [name, registries, host, opens, by, passedOver] of rows) {
    test(name, async () => {
      at.node.configure({ registries });
      expect(opened(at.cloud, await at.node.pull(`${host}/apps/web`), host)).toBe(opens);
      const { status, stdout } = await at.node.run(["explain", `${host}/apps/web`]);
      expect(status).toBe(0);
      expect(stdout).toMatch(new RegExp(`considered +${by.replace(/[[\]]/g, "\\$&")}: chosen: `));
      for (const words of passedOver) expect(stdout).toContain(words);
    });
  }

  test.each<[string, Record<string, unknown>[], string]>([
    ["a Personal Edition of no entry's region", [{ regionId: "cn-beijing" }], PERSONAL],
    ["a Personal Edition where only Enterprise is configured", [corp], PERSONAL],
    ["a host of nobody's", [named], "other.example.com"],
    ["a subdomain", [{ ...corp, domains: ["b.example.com"] }], "x.b.example.com"],
    ["another port", [{ ...corp, domains: ["b.example.com:5000"] }], "b.example.com:5001"],
  ])("%s is not ours", async (_name, registries, host) => {
    at.node.configure({ registries });
    expect(opened(at.cloud, await at.node.pull(`${host}/apps/web`), host)).toBeUndefined();
    const { stdout } = await at.node.run(["explain", `${host}/apps/web`]);
    expect(stdout).toContain("not a registry of this config");
    expect(stdout).toContain("registries[0]: passed over");
  });

  test.each<[string, Record<string, unknown>[], string]>([
    [
      "one host",
      [
        { ...corp, domains: ["a.com"] },
        { ...other, domains: "b.com, A.com" },
      ],
      "the host a.com is claimed by registries[0] already",
    ],
    ["one instance twice", [corp, corp], `the instance ${instanceCorp} is claimed by registries[0] already`],
    [
      "one name in one region",
      [named, { ...other, instanceName: "Corp" }],
      "the instance name corp of cn-hangzhou is claimed by registries[0] already",
    ],
    [
      "one Personal Edition",
      [{ regionId: "cn-hangzhou" }, { regionId: "cn-hangzhou" }],
      "the Personal Edition of cn-hangzhou is claimed by registries[0] already",
    ],
  ])("two entries for %s are an error with the line of the second", async (_name, registries, message) => {
    at.node.configure({ registries });
    const { status, stderr } = await at.node.pull(`${CORP}/apps/web`);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/line \d+: registries\[1\]/);
  });

  test("the entry's own identity asks, the top-level one for the others", async () => {
    const identity = (key: typeof keyA) => ({
      source: "accessKey",
      accessKeyId: key.id,
      accessKeySecret: key.secret,
    });
    at.node.configure({
      identity: identity(keyA),
      registries: [
        { ...named, identity: identity(minimalKeyA) },
        { ...other, instanceName: "second" },
      ],
    });
    await at.node.pull(`${CORP}/apps/web`);
    await at.node.pull("second-registry.cn-hangzhou.cr.aliyuncs.com/apps/web");
    expect(at.cloud.calls("GetAuthorizationToken").map(({ accessKeyId }) => accessKeyId)).toEqual([
      minimalKeyA.id,
      keyA.id,
    ]);
  });
});
