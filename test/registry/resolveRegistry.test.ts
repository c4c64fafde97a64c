import { describe, expect, test } from "bun:test";
import { Failure } from "../../src/failure/failure.ts";
import type { Lookups, Registry, Step } from "../../src/registry/registry.ts";
import { resolveRegistry } from "../../src/registry/resolveRegistry.ts";
import { configOf, failureOf } from "../config/support.ts";
import { testRun } from "../support/testRun.ts";

interface World {
  /** The domains of each instance; one that is missing cannot be looked up. */
  domains?: Record<string, string[]>;
  /** Instances that ListInstance knows by name. */
  named?: Record<string, string>;
  annotated?: { instanceId: string; regionId?: string }[];
  region?: string;
}

function noPermission(api: string): Failure {
  return new Failure(`${api}: not authorized`, { code: "NoPermission", remedy: `grant cr:${api}` });
}

/** Resolves a host; `asked` has every lookup that was made. */
async function resolve(host: string, config: string, world: World = {}) {
  const asked: string[] = [];
  const steps: Step[] = [];
  const lookups: Lookups = {
    async domainsOf(_run, { instanceId, regionId, network }) {
      asked.push(`domains ${instanceId} ${regionId} ${network}`);
      const domains = world.domains?.[instanceId];
      if (domains === undefined) throw noPermission("ListInstanceEndpoint");
      return domains;
    },
    async findInstance(_run, { instanceName, regionId, network }) {
      asked.push(`instance ${instanceName} ${regionId} ${network}`);
      const instanceId = world.named?.[instanceName];
      if (instanceId === undefined) throw noPermission("ListInstance");
      return instanceId;
    },
    async nodeRegion() {
      asked.push("region");
      if (world.region !== undefined) return world.region;
      throw new Failure("find the node's region: no metadata service", { code: "Timeout", transient: true });
    },
  };
  const registry = await resolveRegistry(testRun({ config: await configOf(config) }), host, {
    annotatedInstances: () => world.annotated ?? [],
    lookups,
    trace: (step) => steps.push(step),
  });
  return { registry, asked, steps };
}

const corp = "corp-registry.cn-hangzhou.cr.aliyuncs.com";
const corpVpc = "corp-registry-vpc.cn-hangzhou.cr.aliyuncs.com";
const personal = "registry.cn-hangzhou.aliyuncs.com";
const crpi = "crpi-abc123.cn-hangzhou.personal.cr.aliyuncs.com";

describe("from host to registry", () => {
  type Case = [
    name: string,
    host: string,
    config: string,
    world: World,
    expected: Partial<Registry> | "not ours",
    asked?: string[],
  ];
  const cases: Case[] = [
    // 1. domains
    [
      "an entry's domain",
      "images.example.com",
      "registries: [{instanceId: cri-a, regionId: cn-beijing, domains: [images.example.com]}]",
      {},
      {
        instanceId: "cri-a",
        regionId: "cn-beijing",
        edition: "enterprise",
        origin: "registries[0]",
        network: "auto",
      },
    ],
    [
      "an entry's domain in another case",
      "IMAGES.example.com",
      "registries: [{instanceId: cri-a, regionId: cn-beijing, domains: [Images.Example.com]}]",
      {},
      { host: "IMAGES.example.com", instanceId: "cri-a" },
    ],
    [
      "an entry's domain with port",
      "images.example.com:5000",
      "registries: [{instanceId: cri-a, regionId: cn-beijing, domains: ['images.example.com:5000']}]",
      {},
      { instanceId: "cri-a" },
    ],
    [
      "an entry's domain with port 443",
      "images.example.com:443",
      "registries: [{instanceId: cri-a, regionId: cn-beijing, domains: [images.example.com]}]",
      {},
      { host: "images.example.com:443", instanceId: "cri-a" },
    ],
    [
      "an entry's domain with another port",
      "images.example.com:5001",
      "registries: [{instanceId: cri-a, regionId: cn-beijing, domains: ['images.example.com:5000']}]",
      {},
      "not ours",
    ],
    [
      "a subdomain of an entry's domain",
      "a.images.example.com",
      "registries: [{instanceId: cri-a, regionId: cn-beijing, domains: [images.example.com]}]",
      {},
      "not ours",
    ],
    [
      "the second entry's domain",
      "b.example.com",
      "registries: [{instanceId: cri-a, regionId: cn-beijing, domains: [a.example.com]}, {instanceId: cri-b, regionId: cn-beijing, domains: [b.example.com]}]",
      {},
      { instanceId: "cri-b", origin: "registries[1]" },
    ],
    [
      "a domain before the instance's name",
      corp,
      `registries: [{instanceId: cri-a, instanceName: corp}, {instanceId: cri-b, domains: [${corp}]}]`,
      {},
      { instanceId: "cri-b", regionId: "cn-hangzhou" },
    ],
    [
      "an entry with domains answers for no other host of its instance",
      corp,
      "registries: [{instanceId: cri-a, instanceName: corp, domains: [images.example.com]}, {instanceId: cri-b}]",
      { domains: { "cri-b": [corp] } },
      { instanceId: "cri-b" },
    ],
    [
      "the region is the entry's, not the host's own",
      corp,
      `registries: [{instanceId: cri-a, domains: [${corp}]}]\ndefaultRegion: cn-beijing\n`,
      {},
      { regionId: "cn-hangzhou" },
    ],
    [
      "the region is the default",
      "images.example.com",
      "registries: [{instanceId: cri-a, domains: [images.example.com]}]\ndefaultRegion: cn-beijing\n",
      {},
      { regionId: "cn-beijing" },
      [],
    ],
    [
      "the region is the node's",
      "images.example.com",
      "registries: [{instanceId: cri-a, domains: [images.example.com]}]\n",
      { region: "cn-shanghai" },
      { regionId: "cn-shanghai" },
      ["region"],
    ],
    [
      "fixed credentials need no region",
      "images.example.com",
      "registries: [{domains: [images.example.com], fixedCredentials: {directory: /keys}}]",
      {},
      { regionId: "", fixedCredentials: { directory: "/keys" }, edition: "personal" },
      [],
    ],
    [
      "an entry for a new Personal instance",
      crpi,
      `registries: [{domains: [${crpi}]}]`,
      {},
      { edition: "personal", instanceId: "", regionId: "cn-hangzhou", origin: "registries[0]" },
    ],
    // 2. default Enterprise hosts
    [
      "an instance by name",
      corp,
      "registries: [{instanceId: cri-a, instanceName: corp, regionId: cn-hangzhou}]",
      {},
      { instanceId: "cri-a", instanceName: "corp", regionId: "cn-hangzhou" },
      [],
    ],
    [
      "an instance by name without region",
      corp,
      "registries: [{instanceId: cri-a, instanceName: Corp}]",
      {},
      { instanceId: "cri-a", regionId: "cn-hangzhou" },
      [],
    ],
    [
      "the name and region before the name",
      corp,
      "registries: [{instanceId: cri-a, instanceName: corp}, {instanceId: cri-b, instanceName: corp, regionId: cn-hangzhou}]",
      {},
      { instanceId: "cri-b" },
      [],
    ],
    [
      "an instance by its domains",
      corp,
      "registries: [{instanceId: cri-a}, {instanceId: cri-b}]",
      { domains: { "cri-a": ["a-registry.cn-hangzhou.cr.aliyuncs.com"], "cri-b": [corp] } },
      { instanceId: "cri-b" },
      ["domains cri-a cn-hangzhou auto", "domains cri-b cn-hangzhou auto"],
    ],
    [
      "an instance whose list shows only its VPC host",
      corp,
      "registries: [{instanceId: cri-a}]",
      { domains: { "cri-a": [corpVpc] } },
      { instanceId: "cri-a" },
    ],
    [
      "an entry of another region is not asked",
      corp,
      "registries: [{instanceId: cri-a, regionId: cn-beijing}, {instanceId: cri-b}]",
      { domains: { "cri-b": [corp] } },
      { instanceId: "cri-b" },
      ["domains cri-b cn-hangzhou auto"],
    ],
    [
      "an entry of another name is not asked",
      corp,
      "registries: [{instanceId: cri-a, instanceName: other}, {instanceId: cri-b}]",
      { domains: { "cri-b": [corp] } },
      { instanceId: "cri-b" },
      ["domains cri-b cn-hangzhou auto"],
    ],
    [
      "one entry that cannot be asked does not hide another",
      corp,
      "registries: [{instanceId: cri-a}, {instanceId: cri-b}]",
      { domains: { "cri-b": [corp] } },
      { instanceId: "cri-b" },
    ],
    [
      "discovery without any entry",
      corp,
      "",
      { named: { corp: "cri-x" } },
      { instanceId: "cri-x", instanceName: "corp", origin: "discovery", regionId: "cn-hangzhou" },
      ["instance corp cn-hangzhou auto"],
    ],
    [
      "discovery that is always on",
      corp,
      "registries: [{instanceId: cri-a, instanceName: other}]\ndiscovery: always\n",
      { named: { corp: "cri-x" } },
      { instanceId: "cri-x" },
    ],
    [
      "discovery after an entry that cannot be asked",
      corp,
      "registries: [{instanceId: cri-a}]\ndiscovery: always\n",
      { named: { corp: "cri-x" } },
      { instanceId: "cri-x" },
    ],
    [
      "the VPC's API for a VPC host",
      corpVpc,
      "registries: [{instanceId: cri-a}]",
      { domains: { "cri-a": [corpVpc] } },
      { network: "vpcFirst" },
      ["domains cri-a cn-hangzhou vpcFirst"],
    ],
    [
      "the public API for a VPC host if the config says so",
      corpVpc,
      "registries: [{instanceId: cri-a, instanceName: corp, network: public}]",
      {},
      { network: "public" },
    ],
    [
      "the VPC's API for all if the config says so",
      corp,
      "registries: [{instanceId: cri-a, instanceName: corp}]\nnetwork: vpc\n",
      {},
      { network: "vpc" },
    ],
    // 3. Personal Edition
    [
      "Personal Edition without any entry",
      personal,
      "",
      {},
      { edition: "personal", instanceId: "", regionId: "cn-hangzhou", origin: "implied" },
      [],
    ],
    [
      "Personal Edition of the region's entry",
      personal,
      "registries: [{}, {regionId: cn-hangzhou}]",
      {},
      { origin: "registries[1]" },
    ],
    [
      "Personal Edition of an entry without region",
      personal,
      "registries: [{regionId: cn-beijing}, {}]",
      {},
      { origin: "registries[1]", regionId: "cn-hangzhou" },
    ],
    ["Personal Edition of another region", personal, "registries: [{regionId: cn-beijing}]", {}, "not ours"],
    [
      "Personal Edition with Enterprise entries only",
      personal,
      "registries: [{instanceId: cri-a}]",
      {},
      "not ours",
      [],
    ],
    [
      "Personal Edition with an entry for some domain",
      personal,
      "registries: [{domains: [images.example.com]}]",
      {},
      "not ours",
      [],
    ],
    ["Personal Edition by VPC", "registry-vpc.cn-hangzhou.aliyuncs.com", "", {}, { network: "vpcFirst" }],
    // custom domains
    [
      "a custom domain of an instance",
      "images.example.com",
      "registries: [{instanceId: cri-a, regionId: cn-beijing}]",
      { domains: { "cri-a": ["images.example.com"] } },
      { instanceId: "cri-a", regionId: "cn-beijing" },
      ["domains cri-a cn-beijing auto"],
    ],
    [
      "a custom domain of a named instance",
      "images.example.com",
      "registries: [{instanceId: cri-a, instanceName: corp, regionId: cn-beijing}]",
      { domains: { "cri-a": ["images.example.com"] } },
      { instanceId: "cri-a" },
    ],
    [
      "a custom domain of the second instance",
      "images.example.com:443",
      "registries: [{instanceId: cri-a, regionId: cn-beijing}, {instanceId: cri-b}]\ndefaultRegion: cn-shanghai\n",
      { domains: { "cri-a": [], "cri-b": ["images.example.com"] } },
      { instanceId: "cri-b", regionId: "cn-shanghai" },
    ],
    [
      "a custom domain though one instance cannot be asked",
      "images.example.com",
      "registries: [{instanceId: cri-a, regionId: cn-beijing}, {instanceId: cri-b, regionId: cn-beijing}]",
      { domains: { "cri-b": ["images.example.com"] } },
      { instanceId: "cri-b" },
    ],
    [
      "a host of no instance",
      "images.example.com",
      "registries: [{instanceId: cri-a, regionId: cn-beijing}]",
      { domains: { "cri-a": ["other.example.com"] } },
      "not ours",
    ],
    ["a host that nobody could have", "images.example.com", "", {}, "not ours", []],
    [
      "a host, with an entry that has its domains",
      "images.example.com",
      "registries: [{instanceId: cri-a, regionId: cn-beijing, domains: [other.example.com]}]",
      {},
      "not ours",
      [],
    ],
    [
      "Docker Hub",
      "docker.io",
      "registries: [{instanceId: cri-a, regionId: cn-beijing}]",
      {},
      "not ours",
      [],
    ],
    [
      "another port",
      `${corp}:5000`,
      "registries: [{instanceId: cri-a, instanceName: corp}]",
      {},
      "not ours",
      [],
    ],
    [
      "a look-alike",
      "registry.cn-hangzhou.aliyuncs.com.evil.example",
      "registries: [{instanceId: cri-a, regionId: cn-beijing}]\ndiscovery: always\n",
      {},
      "not ours",
      [],
    ],
    [
      "an Enterprise look-alike",
      `${corp}.evil.example`,
      "registries: [{instanceId: cri-a, regionId: cn-beijing}]\ndiscovery: always\n",
      {},
      "not ours",
      [],
    ],
    // 4. annotations
    [
      "an annotated instance by its custom domain",
      "images.example.com",
      "",
      {
        annotated: [{ instanceId: "cri-a", regionId: "cn-beijing" }],
        domains: { "cri-a": ["images.example.com"] },
      },
      { instanceId: "cri-a", regionId: "cn-beijing", origin: "annotation cri-a" },
    ],
    [
      "an annotated instance in the node's region",
      "images.example.com",
      "",
      {
        annotated: [{ instanceId: "cri-a" }],
        region: "cn-beijing",
        domains: { "cri-a": ["images.example.com"] },
      },
      { regionId: "cn-beijing" },
    ],
    [
      "an annotated instance by its default host, before discovery",
      corp,
      "",
      { annotated: [{ instanceId: "cri-a" }], named: { corp: "cri-x" }, domains: { "cri-a": [corp] } },
      { instanceId: "cri-a" },
      ["domains cri-a cn-hangzhou auto"],
    ],
    [
      "an annotated instance that does not have the host",
      corp,
      "",
      { annotated: [{ instanceId: "cri-a" }], named: { corp: "cri-x" }, domains: { "cri-a": [] } },
      { instanceId: "cri-x" },
    ],
    [
      "an annotated instance that does not have the custom host",
      "images.example.com",
      "",
      { annotated: [{ instanceId: "cri-a", regionId: "cn-beijing" }], domains: { "cri-a": [] } },
      "not ours",
    ],
    [
      "the config's own entry before an annotated instance",
      corp,
      "registries: [{instanceId: cri-b, instanceName: corp}]",
      { annotated: [{ instanceId: "cri-a" }], domains: { "cri-a": [corp] } },
      { instanceId: "cri-b" },
      [],
    ],
    [
      "the second annotated instance",
      "images.example.com",
      "defaultRegion: cn-beijing\n",
      {
        annotated: [{ instanceId: "cri-a" }, { instanceId: "cri-b" }],
        domains: { "cri-a": [], "cri-b": ["images.example.com"] },
      },
      { instanceId: "cri-b" },
    ],
    [
      "an annotated instance for a look-alike",
      `${corp}.evil.example`,
      "",
      {
        annotated: [{ instanceId: "cri-a", regionId: "cn-beijing" }],
        domains: { "cri-a": [`${corp}.evil.example`] },
      },
      "not ours",
      [],
    ],
  ];
  for (const [name, host, config, world, expected, asked] of cases) {
    test(name, async () => {
      const outcome = await resolve(host, config, world);
      if (expected === "not ours") expect(outcome.registry).toBeUndefined();
      else expect(outcome.registry).toMatchObject({ host, ...expected });
      if (asked !== undefined) expect(outcome.asked).toEqual(asked);
      expect(outcome.steps.filter(({ chosen }) => chosen)).toHaveLength(expected === "not ours" ? 0 : 1);
    });
  }

  test("several accounts: each entry has its own identity", async () => {
    const config =
      "identity: {source: ecsRamRole}\nregistries:\n  - {instanceId: cri-a, instanceName: corp}\n  - instanceId: cri-b\n    instanceName: shared\n    identity: {source: accessKey, directory: /keys}\n";
    expect((await resolve(corp, config)).registry?.identity.source).toBe("ecsRamRole");
    const shared = await resolve("shared-registry.cn-hangzhou.cr.aliyuncs.com", config);
    expect(shared.registry?.identity).toEqual({ source: "accessKey", directory: "/keys", assumeRoles: [] });
  });

  test("the story tells why each candidate was passed over", async () => {
    const config =
      "registries:\n  - {instanceId: cri-a, domains: [a.example.com]}\n  - {instanceId: cri-b, regionId: cn-beijing}\n  - {instanceId: cri-c, instanceName: other}\n  - {instanceId: cri-d}\n  - {instanceId: cri-e}\n";
    const { steps } = await resolve(corp, config, { domains: { "cri-d": [], "cri-e": [corp] } });
    expect(steps).toEqual([
      { candidate: "registries[0]", chosen: false, reason: "its domains do not name the host" },
      {
        candidate: "registries[1]",
        chosen: false,
        reason: "its region is cn-beijing, the host's cn-hangzhou",
      },
      { candidate: "registries[2]", chosen: false, reason: "its instanceName is other" },
      {
        candidate: "registries[3]",
        chosen: false,
        reason: "the host is not among the domains of its instance",
      },
      { candidate: "registries[4]", chosen: true, reason: "the host is among the domains of its instance" },
    ]);
  });
});

test("entries of the other edition are passed over aloud", async () => {
  const config = "registries: [{instanceId: cri-a}, {}]";
  expect((await resolve(personal, config)).steps[0]).toEqual({
    candidate: "registries[0]",
    chosen: false,
    reason: "it is an Enterprise Edition instance, the host is not",
  });
  expect((await resolve(corp, config, { domains: { "cri-a": [corp] } })).steps[0]).toEqual({
    candidate: "registries[1]",
    chosen: false,
    reason: "it is the Personal Edition, the host is not",
  });
});

describe("what cannot be resolved says what to do", () => {
  test.each<[string, string, string, World, Partial<Failure>, string[]]>([
    [
      "a default host that no entry leads to",
      corp,
      "registries: [{instanceId: cri-a, instanceName: other}]",
      {},
      { code: "InstanceNotConfigured" },
      [
        corp,
        "(registries[0]: its instanceName is other)",
        "instanceName: corp",
        "regionId: cn-hangzhou",
        "discovery: always",
      ],
    ],
    [
      "a default host of another region than the one entry's",
      corp,
      "registries: [{instanceId: cri-a, instanceName: corp, regionId: cn-beijing}]",
      {},
      { code: "InstanceNotConfigured" },
      [
        "(registries[0]: its region is cn-beijing, the host's cn-hangzhou)",
        "set registries[0].regionId to cn-hangzhou if cri-a is its instance",
      ],
    ],
    [
      "a default host beside an entry that names other hosts",
      corp,
      "registries: [{instanceId: cri-a, domains: [images.example.com]}]",
      {},
      { code: "InstanceNotConfigured" },
      ["(registries[0]: its domains do not name the host)", `add ${corp} to registries[0].domains`],
    ],
    [
      "a default host that none of five entries leads to",
      corp,
      `registries: [${[1, 2, 3, 4, 5].map((n) => `{instanceId: cri-${n}, instanceName: n${n}}`)}]`,
      {},
      { code: "InstanceNotConfigured" },
      ["registries[2]: its instanceName is n3; and 2 more)", "instanceName: corp", "discovery: always"],
    ],
    [
      "a default host without entries and discovery",
      corp,
      "discovery: never\n",
      {},
      { code: "InstanceNotConfigured" },
      ["discovery is never and registries is empty"],
    ],
    [
      "a default host with Personal entries only",
      corp,
      "registries: [{}]",
      {},
      { code: "InstanceNotConfigured" },
      ["instanceName: corp"],
    ],
    [
      "a default host whose entries may not be asked",
      corp,
      "registries: [{instanceId: cri-a}]",
      {},
      { code: "NoPermission" },
      ["registries[0]", "grant cr:ListInstanceEndpoint", 'add "instanceName: corp" to registries[0]'],
    ],
    [
      "discovery that is not allowed",
      corp,
      "",
      {},
      { code: "NoPermission" },
      [`find the instance of ${corp}: discovery (identity auto): ListInstance`, "grant cr:ListInstance"],
    ],
    [
      "a host that may be a custom domain of an instance that may not be asked",
      "images.example.com",
      "registries: [{instanceId: cri-a, regionId: cn-beijing}]",
      {},
      { code: "NoPermission" },
      ["grant cr:ListInstanceEndpoint", 'add "domains: [images.example.com]" to registries[0]'],
    ],
    [
      "an annotated instance that may not be asked",
      "images.example.com",
      "",
      { annotated: [{ instanceId: "cri-a", regionId: "cn-beijing" }] },
      { code: "NoPermission" },
      ["annotation cri-a", "grant cr:ListInstanceEndpoint"],
    ],
    [
      "a new Personal instance that is not configured",
      crpi,
      "",
      {},
      { code: "PersonalInstanceNotConfigured" },
      ["no token API", `- domains: [${crpi}]`, "fixedCredentials: {directory:", "username and password"],
    ],
    [
      "a new Personal instance with other entries",
      crpi,
      "registries: [{}, {instanceId: cri-a}]",
      {},
      { code: "PersonalInstanceNotConfigured" },
      [],
    ],
    [
      "a region that nobody tells",
      "images.example.com",
      "registries: [{instanceId: cri-a, domains: [images.example.com]}]",
      {},
      { code: "Timeout", transient: true },
      ["find the region of registries[0]", "add regionId to registries[0], or set defaultRegion"],
    ],
    [
      "an annotated instance without region",
      "images.example.com",
      "",
      { annotated: [{ instanceId: "cri-a" }] },
      { code: "Timeout" },
      ["find the region of annotation cri-a"],
    ],
  ])("%s", async (_name, host, config, world, expected, parts) => {
    const failure = await failureOf(resolve(host, config, world));
    expect(failure).toMatchObject({ exitStatus: 1, ...expected });
    const text = `${failure.message}; ${failure.remedy}`;
    for (const part of parts) expect(text).toContain(part);
    expect(text).not.toContain("\n");
  });
});
