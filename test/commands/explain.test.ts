import { describe, expect, test } from "bun:test";
import { instanceCorp, instanceTeamA, keyA, roleAcrForAccountA } from "../cloud/defaultWorld.ts";
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
        "access      every pod may pull",
        "identity    accessKey",
        "cache       holds no token: one has to be asked for",
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
        "access      restricted to namespaces apps; service accounts * (no service account was sent)",
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
