import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { stringify } from "yaml";
import { Failure } from "../../src/failure/failure.ts";
import {
  DOCUMENTED_ENTERPRISE_NETWORKS,
  ENTERPRISE_NETWORKS,
  PERSONAL_NETWORKS,
} from "../../src/host/acrHost.ts";
import { matchImages } from "../../src/kubelet/matchImages/matchImages.ts";
import { urlsMatch } from "../../src/kubelet/matchImages/urlsMatch.ts";
import { resolveRegistry } from "../../src/registry/resolveRegistry.ts";
import { configOf } from "../config/support.ts";
import { testRun } from "../support/testRun.ts";

async function patternsOf(config: string, learnt: Record<string, string[]> = {}): Promise<string[]> {
  return matchImages(await configOf(config), ({ instanceId }) => learnt[instanceId] ?? []).flatMap(
    ({ patterns }) => patterns,
  );
}

/** Those that are documented. */
function enterprise(name: string, region: string): string[] {
  return DOCUMENTED_ENTERPRISE_NETWORKS.map(
    (network) => `${name}-registry${network}.${region}.cr.aliyuncs.com`,
  );
}

/** Every form that the plugin answers for, if it is asked. */
function everyEnterprise(name: string, region: string): string[] {
  return ["", ".distributed"].flatMap((kind) =>
    ENTERPRISE_NETWORKS.map((network) => `${name}-registry${network}${kind}.${region}.cr.aliyuncs.com`),
  );
}

const personal = (region: string) =>
  PERSONAL_NETWORKS.map((network) => `registry${network}.${region}.aliyuncs.com`);
const anyEnterprise = enterprise("*", "*");

describe("matchImages", () => {
  test.each<[string, string, string[]]>([
    [
      "without entries everything of ACR's",
      "",
      [...anyEnterprise, ...personal("*"), "crpi-*.*.personal.cr.aliyuncs.com"],
    ],
    [
      "without discovery the Personal Edition",
      "discovery: never\n",
      [...personal("*"), "crpi-*.*.personal.cr.aliyuncs.com"],
    ],
    [
      "an instance by name and region",
      "registries: [{instanceId: cri-a, instanceName: Corp, regionId: cn-beijing}]",
      enterprise("corp", "cn-beijing"),
    ],
    ["an instance by name", "registries: [{instanceId: cri-a, instanceName: corp}]", enterprise("corp", "*")],
    [
      "an instance whose name is not known",
      "registries: [{instanceId: cri-a, regionId: cn-beijing}]",
      enterprise("*", "cn-beijing"),
    ],
    ["the Personal Edition of a region", "registries: [{regionId: cn-beijing}]", personal("cn-beijing")],
    ["the Personal Edition of every region", "registries: [{}]", personal("*")],
    [
      "domains and nothing else",
      "registries: [{instanceId: cri-a, domains: [a.example.com, 'B.example.com:5000']}]",
      ["a.example.com", "b.example.com:5000"],
    ],
    [
      "a domain with HTTPS's own port, with and without it",
      "registries: [{instanceId: cri-a, domains: ['a.example.com:443']}]",
      ["a.example.com", "a.example.com:443"],
    ],
    [
      "discovery beside entries, each pattern once",
      "discovery: always\nregistries: [{instanceId: cri-a, instanceName: corp}, {instanceId: cri-b, domains: [corp-registry.cn-hangzhou.cr.aliyuncs.com, a.example.com]}]",
      ["a.example.com", ...anyEnterprise],
    ],
    [
      "instances that service accounts name",
      "serviceAccountAnnotations: {enabled: true}\nregistries: [{}]",
      [...personal("*"), ...anyEnterprise],
    ],
    [
      "two entries of one name in two regions",
      "registries: [{instanceId: cri-a, instanceName: corp, regionId: cn-beijing}, {instanceId: cri-b, instanceName: corp, regionId: cn-hangzhou}]",
      [...enterprise("corp", "cn-beijing"), ...enterprise("corp", "cn-hangzhou")],
    ],
  ])("%s", async (_name, config, expected) => {
    expect(await patternsOf(config)).toEqual(expected);
  });

  test("a default host of another form that is known of an instance, and no pattern twice", async () => {
    const config = "registries: [{instanceId: cri-a, instanceName: corp, regionId: cn-beijing}]";
    const learnt = [
      "corp-registry-vpc.cn-beijing.cr.aliyuncs.com",
      "corp-registry-internal.cn-beijing.cr.aliyuncs.com",
      "corp-registry.distributed.cn-beijing.cr.aliyuncs.com",
    ];
    expect(await patternsOf(config, { "cri-a": learnt })).toEqual([
      ...enterprise("corp", "cn-beijing"),
      ...learnt.slice(1),
    ]);
  });

  test("custom domains that are known of an instance", async () => {
    const config = "registries: [{instanceId: cri-a, instanceName: corp, regionId: cn-beijing}]";
    expect(await patternsOf(config, { "cri-a": ["images.example.com"] })).toEqual([
      ...enterprise("corp", "cn-beijing"),
      "images.example.com",
    ]);
  });

  test("each group says what it is for", async () => {
    const groups = matchImages(await configOf("registries: [{instanceId: cri-a}, {}, {domains: [a.com]}]"));
    expect(groups.map(({ about }) => about)).toEqual([
      "registries[0]: cri-a",
      "registries[1]: Personal Edition",
      "registries[2]: its domains",
    ]);
  });
});

const regions = ["cn-hangzhou", "cn-beijing", "cn-shanghai-finance-1", "ap-southeast-1", "xx-nowhere-9"];
const names = ["corp", "team-a", "my-registry", "x"];
const hosts = [
  ...names.flatMap((name) => regions.flatMap((region) => enterprise(name, region))),
  ...regions.flatMap(personal),
  ...regions.flatMap((region) => [
    `crpi-abc.${region}.personal.cr.aliyuncs.com`,
    `crpi-abc-vpc.${region}.personal.cr.aliyuncs.com`,
  ]),
  "a.example.com",
  "b.example.com:5000",
];
const lookAlikes = hosts
  .flatMap((host) => [
    `${host}.evil.example`,
    `evil.${host}`,
    `${host.replace("aliyuncs.com", "aliyuncs.com.cn")}x`,
    host.replace("aliyuncs", "evilaliyuncs"),
    host.replace(/^([^.]*registry[^.]*|[ab])\./, "$1-evil."),
    `${host}.`,
    `${host}@evil.example`,
    `user@evil.example/${host}`,
    `${host.replace(/:\d+$/, "")}:8443`,
  ])
  .filter((host) => !hosts.includes(host));

const entry = fc.record(
  {
    instanceId: fc.constantFrom("cri-a", "cri-b", ""),
    instanceName: fc.constantFrom(...names),
    regionId: fc.constantFrom(...regions),
    domains: fc.uniqueArray(
      fc.constantFrom(
        "a.example.com",
        "b.example.com:5000",
        "crpi-abc.cn-hangzhou.personal.cr.aliyuncs.com",
        "corp-registry.cn-beijing.cr.aliyuncs.com",
      ),
      { minLength: 1 },
    ),
  },
  { requiredKeys: ["instanceId"] },
);
const anyConfig = fc.record({
  discovery: fc.constantFrom("auto", "always", "never"),
  registries: fc.array(entry, { maxLength: 3 }),
});

/** How the host is decided where every instance is asked and has just the host that it is asked for. */
async function answers(host: string, config: Awaited<ReturnType<typeof configOf>>): Promise<boolean> {
  try {
    const registry = await resolveRegistry(testRun({ config }), host, {
      annotatedInstances: () => [],
      lookups: {
        domainsOf: async (_run, _query, asked) => (host.includes("aliyuncs") ? [asked] : []),
        findInstance: async () => "cri-x",
        nodeRegion: async () => "cn-hangzhou",
      },
    });
    return registry !== undefined;
  } catch (error) {
    if (error instanceof Failure) return false;
    throw error;
  }
}

describe("whatever the config", () => {
  test("every host that it answers matches a pattern, and no look-alike does", async () => {
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(anyConfig, fc.subarray(hosts, { minLength: 30 }), async (native, some) => {
        // Entries that claim one host twice are no config.
        const config = await configOf(stringify(native)).catch(() => undefined);
        if (config === undefined) return;
        const patterns = matchImages(config).flatMap((group) => group.patterns);
        for (const host of some) {
          if (!(await answers(host, config))) continue;
          answered++;
          expect({
            native,
            host,
            matched: patterns.some((pattern) => urlsMatch(pattern, `${host}/ns/app`)),
          }).toEqual({ native, host, matched: true });
        }
        for (const host of lookAlikes) {
          if (patterns.some((pattern) => urlsMatch(pattern, `${host}/ns/app`)))
            expect({ native, host, patterns }).toBeUndefined();
        }
      }),
      { numRuns: 120 },
    );
    expect(answered).toBeGreaterThan(200);
  });

  test("what is narrowed to a name and region matches no other instance", async () => {
    const patterns = await patternsOf(
      "registries: [{instanceId: cri-a, instanceName: corp, regionId: cn-beijing}]",
    );
    const everyHost = [
      ...hosts,
      ...names.flatMap((name) => regions.flatMap((region) => everyEnterprise(name, region))),
    ];
    const matched = [...new Set(everyHost)].filter((host) =>
      patterns.some((pattern) => urlsMatch(pattern, `${host}/x`)),
    );
    expect(matched).toEqual(enterprise("corp", "cn-beijing"));
  });
});
