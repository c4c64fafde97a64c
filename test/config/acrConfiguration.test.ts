import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import type { IdentityConfig } from "../../src/config/config.ts";
import { said, validated } from "./support.ts";

/** A ConfigMap with these lines of data. */
function configMap(...data: string[]): string {
  const lines = data.flatMap((text) => text.split("\n")).map((line) => `  ${line}\n`);
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: acr-configuration\ndata:\n${lines.join("")}`;
}

/** One whose only item of acr-registry-info has these lines. */
function item(lines: string[], ...data: string[]): string {
  return configMap(
    "acr-registry-info: |-",
    ...lines.map((line, index) => `${index === 0 ? "  - " : "    "}${line}`),
    ...data,
  );
}

async function converted(text: string) {
  const { errors, warnings, config } = await validated(text);
  expect(said(errors)).toEqual([]);
  if (config === undefined) throw new Error("no config");
  return { config, warnings: said(warnings) };
}

async function identityOf(lines: string[], ...data: string[]): Promise<IdentityConfig | undefined> {
  return (await converted(item(lines, ...data))).config.registries[0]?.identity;
}

const roleB = "acs:ram::2222222222222222:role/b";
const roleA = "acs:ram::1111111111111111:role/a";
const provider = "acs:ram::1111111111111111:oidc-provider/ack-rrsa-c1";
const auto = { source: "auto", assumeRoles: [] } as const;

describe("the samples of the product document", () => {
  const sample = (name: string) => readFileSync(`${import.meta.dir}/samples/${name}.txt`, "utf8");
  const entry = { network: "auto", identity: auto } as const;

  test.each([
    [
      "scenario1-both",
      [
        { ...entry, path: "registries[0]", instanceId: "" },
        { ...entry, path: "registries[1]", instanceId: "cri-xxxx" },
      ],
    ],
    [
      "scenario2-regions",
      [
        { ...entry, path: "registries[0]", instanceId: "", regionId: "cn-beijing" },
        { ...entry, path: "registries[1]", instanceId: "", regionId: "cn-hangzhou" },
      ],
    ],
  ])("%s works", async (name, registries) => {
    const { config } = await converted(sample(name));
    expect(config.registries).toEqual(registries as never);
    expect(config.expiringThresholdMs).toBe(900_000);
    expect(config.access).toEqual({ namespaces: ["*"], serviceAccounts: ["default"] });
  });

  const rightForm = 'write one string, domains: "xxx.com,yyy.com", or a list, domains: [xxx.com, yyy.com]';
  test.each([
    ["scenario1-enterprise", 9, "data.acr-registry-info", rightForm],
    ["scenario1-personal", 9, "data.acr-registry-info", rightForm],
    [
      "configmap-personal",
      6,
      "data.acr-registry-info",
      '"regionId" is 2 columns to the right of "instanceId" on line 5',
    ],
    ["configmap-enterprise", 13, "", '"namespace" is 1 column to the right of "name" on line 12'],
    ["template-enterprise", undefined, "", "for acr-registry-info, into the ConfigMap"],
    ["template-personal", undefined, "", "for acr-registry-info, into the ConfigMap"],
  ])("%s fails with a message that helps", async (name, line, path, message) => {
    const { errors } = await validated(sample(name));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ path, message: expect.stringContaining(message) });
    expect(errors[0]?.line).toBe(line);
  });

  test.each(["template-enterprise", "template-personal"])("%s works where it belongs", async (name) => {
    const { config } = await converted(
      configMap(
        "acr-registry-info: |",
        ...sample(name)
          .trimEnd()
          .split("\n")
          .map((line) => `  ${line}`),
      ),
    );
    expect(config.registries[0]).toMatchObject({ regionId: "cn-hangzhou", domains: ["xxx.com", "yyy.com"] });
  });

  test("once their mistakes are fixed, the samples work too", async () => {
    const both = sample("scenario1-enterprise").replace('"xxx.com","yyy.com"', '"xxx.com,yyy.com"');
    expect((await converted(both)).config.registries[0]?.domains).toEqual(["xxx.com", "yyy.com"]);
    const enterprise = sample("configmap-enterprise").replace("\n  namespace", "\n namespace");
    const { config, warnings } = await converted(enterprise);
    expect(config.registries[0]).toMatchObject({ instanceId: "cri-xxx", regionId: "cn-hangzhou" });
    expect(warnings.join()).toContain("non-breaking spaces");
  });
});

describe("the file", () => {
  const info = '- instanceId: "cri-a"\n  regionId: "cn-hangzhou"';
  const expected = [{ instanceId: "cri-a", regionId: "cn-hangzhou" }];
  const exported = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      annotations: { "kubectl.kubernetes.io/last-applied-configuration": "{}" },
      creationTimestamp: "2023-01-01T00:00:00Z",
      name: "acr-configuration",
      namespace: "kube-system",
      resourceVersion: "1",
      selfLink: "/api/v1/namespaces/kube-system/configmaps/acr-configuration",
      uid: "2d1f",
    },
    data: { "acr-registry-info": info, "watch-namespace": "all", "service-account": "*" },
  };
  const other = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "other" }, data: { x: "y" } };
  test.each([
    ["as kubectl exports it, in JSON", JSON.stringify(exported)],
    ["in a List", JSON.stringify({ apiVersion: "v1", kind: "List", items: [other, exported] })],
    ["in a List alone", JSON.stringify({ kind: "ConfigMapList", items: [{ ...exported, metadata: {} }] })],
    ["as data without kind", JSON.stringify({ data: exported.data })],
    ["as the bare data", JSON.stringify(exported.data)],
    [
      "with the list as JSON text",
      JSON.stringify({
        ...exported,
        data: { ...exported.data, "acr-registry-info": JSON.stringify(expected) },
      }),
    ],
    [
      "with the list as it is",
      JSON.stringify({ ...exported, data: { ...exported.data, "acr-registry-info": expected } }),
    ],
    [
      "with the add-on's names",
      JSON.stringify({
        AcrInstanceInfo: [{ InstanceId: "cri-a", regionId: "cn-hangzhou" }],
        watchNamespace: "all",
        serviceAccount: "*",
        expiringThreshold: "15m",
        notifyEmail: "",
        tokenMode: "auto",
      }),
    ],
    [
      "in YAML with a quoted text, as kubectl writes it when lines end in spaces",
      `kind: ConfigMap\ndata:\n  acr-registry-info: "${info.replaceAll('"', '\\"').replaceAll("\n", "   \\n")}"\n  watch-namespace: all\n  service-account: '*'\n`,
    ],
  ])("is read %s", async (_name, text) => {
    const { config } = await converted(text);
    expect(config.registries).toEqual([
      {
        path: "registries[0]",
        instanceId: "cri-a",
        regionId: "cn-hangzhou",
        network: "auto",
        identity: auto,
      },
    ]);
    expect(config.access).toEqual({ namespaces: ["*"], serviceAccounts: ["*"] });
  });

  test.each([
    ["a List without it", JSON.stringify({ kind: "List", items: [other, other] }), "exactly one ConfigMap"],
    [
      "keys beside data",
      "kind: ConfigMap\ndata: {}\nwatch-namespace: all\n",
      "watch-namespace is not a key of a ConfigMap: the keys of acr-configuration go under data",
    ],
    ["data that is not a mapping", "kind: ConfigMap\ndata: x\n", "data must be a mapping"],
  ])("%s is an error", async (_name, text, message) => {
    expect(said((await validated(text)).errors)[0]).toContain(message);
  });

  test.each([
    ["no data", "kind: ConfigMap\n"],
    ["empty data", "kind: ConfigMap\ndata: {}\n"],
    [
      "a list that is all comments",
      configMap("acr-registry-info: |", "  #- instanceId: cri-xxx", "  #  regionId: cn-hangzhou"),
    ],
    ["an empty text", configMap('acr-registry-info: ""')],
  ])("with %s has the helper's defaults", async (_name, text) => {
    const { config, warnings } = await converted(text);
    expect(config.registries).toEqual([]);
    expect(config.access).toEqual({ namespaces: ["default"], serviceAccounts: ["default"] });
    expect(config.expiringThresholdMs).toBe(900_000);
    expect(warnings.join()).toContain("restricts who may pull");
  });
});

describe("keys of the data", () => {
  test.each([
    ["watch-namespace: all", ["*"], ["default"]],
    ["watch-namespace: ALL", ["*"], ["default"]],
    ['watch-namespace: "*"', ["*"], ["default"]],
    ["watch-namespace: a, b,c", ["a", "b", "c"], ["default"]],
    ["watch-namespace: a,all", ["*"], ["default"]],
    ["watch-namespace: Default", ["default"], ["default"]],
    ['watch-namespace: ""', ["default"], ["default"]],
    ["watchNamespace: [a, b]", ["a", "b"], ["default"]],
    ['service-account: "*"', ["default"], ["*"]],
    ["service-account: a,b", ["default"], ["a", "b"]],
    ["service-account: all", ["default"], ["all"]],
  ])("%s", async (line, namespaces, serviceAccounts) => {
    expect((await converted(configMap(line))).config.access).toEqual({ namespaces, serviceAccounts });
  });

  test.each([
    ["expiring-threshold: 15m", 900_000],
    ["expiring-threshold: 15m0s", 900_000],
    ["expiring-threshold: 1h", 3_600_000],
    ["expiringThreshold: 90s", 90_000],
  ])("%s", async (line, ms) => {
    expect((await converted(configMap(line))).config.expiringThresholdMs).toBe(ms);
  });

  test.each([
    ["notify-email: cs@aliyuncs.com", "6 data.notify-email: has no effect"],
    [
      "webhook-configuration: |\n  enable: true\n  failure-policy: Fail",
      "6 data.webhook-configuration: has no effect",
    ],
    ["acr-registry: registry.cn-hangzhou.aliyuncs.com", "6 data.acr-registry: has no effect"],
    ["acr-api-version: v1", "6 data.acr-api-version: has no effect"],
  ])("%s has no effect, which a warning says", async (line, warning) => {
    expect((await converted(configMap(line))).warnings.some((text) => text.startsWith(warning))).toBe(true);
  });

  test("the usual API version is silent", async () => {
    const { warnings } = await converted(
      configMap('acr-api-version: "2018-12-01"', "watch-namespace: all", "service-account: '*'"),
    );
    expect(warnings).toEqual([]);
  });

  test.each([
    [
      "an unknown key",
      "acr-registry-infos: x",
      "6 data.acr-registry-infos: unknown key; did you mean acr-registry-info?",
    ],
    [
      "two spellings of one key",
      "watch-namespace: a\nwatchNamespace: b",
      "7 data.watchNamespace: means the same as watch-namespace",
    ],
    [
      "a threshold that is not a duration",
      "expiring-threshold: soon",
      "6 data.expiring-threshold: must be a Go duration",
    ],
    ["a number for names", "watch-namespace: 5", "6 data.watch-namespace: must be a list, not the number 5"],
    [
      "instances that are not a list",
      "acr-registry-info: |\n  instanceId: cri-a",
      '7 data.acr-registry-info: must be a list: begin each instance with "- instanceId',
    ],
    [
      "an item that is not a mapping",
      "acr-registry-info: |\n  - cri-a",
      "7 data.acr-registry-info[0]: must hold keys",
    ],
    [
      "an unknown field",
      "acr-registry-info: |\n  - instanceID: cri-a",
      "7 data.acr-registry-info[0].instanceID: unknown key; did you mean instanceId?",
    ],
    [
      "a field in a quoted text",
      'acr-registry-info: "- instanceID: cri-a"',
      "6 data.acr-registry-info[0].instanceID: unknown key",
    ],
    [
      "a mistake in a quoted text",
      'acr-registry-info: "- instanceId: cri-a\\n    regionId: b"',
      '6 data.acr-registry-info: in line 2 of its text: "regionId" is',
    ],
    [
      "a wrong instance",
      "acr-registry-info: |\n  - instanceId: corp",
      "7 data.acr-registry-info[0].instanceId: must be an instance ID",
    ],
    [
      "a wrong domain",
      "acr-registry-info: |\n  - instanceId: cri-a\n    domains: a.com,https://b.com",
      "8 data.acr-registry-info[0].domains: ",
    ],
    [
      "two items for one host",
      "acr-registry-info: |\n  - instanceId: cri-a\n    domains: a.com\n  - instanceId: cri-b\n    domains: a.com",
      "10 data.acr-registry-info[1].domains: the host a.com is claimed by data.acr-registry-info[0] already",
    ],
    [
      "a wrong native key",
      "provider-config: |\n  registries: []",
      "7 data.provider-config.registries: unknown key",
    ],
    [
      "a mistake in a native key",
      "provider-config: |\n  cache:\n    directroy: /x",
      "8 data.provider-config.cache.directroy: unknown key; did you mean directory?",
    ],
  ])("%s is an error", async (_name, data, message) => {
    const found = said((await validated(configMap(data))).errors);
    expect(found).toHaveLength(1);
    expect(found[0]).toStartWith(message);
  });

  test("provider-config holds native keys", async () => {
    const { config } = await converted(
      configMap(
        "provider-config: |",
        "  network: vpc",
        "  cache: {directory: /var/cache/acr}",
        "  timeouts: {total: 10s}",
        "  endpoints: {acr: cr.example.com}",
        "  tls: {caFile: /ca.pem}",
        "  log: {file: /log}",
        "  discovery: never",
        "  serviceAccountAnnotations: {enabled: true}",
        "  defaultRegion: cn-beijing",
        "  identity: {source: accessKey, directory: /keys}",
        "acr-registry-info: |",
        "  - instanceId: cri-a",
        "  - instanceId: cri-b",
        `    assumeRoleARN: ${roleB}`,
      ),
    );
    expect(config).toMatchObject({
      network: "vpc",
      cache: { enabled: true, directory: "/var/cache/acr" },
      timeouts: { totalMs: 10_000, requestMs: 5000 },
      endpoints: { acr: "https://cr.example.com" },
      discovery: "never",
      defaultRegion: "cn-beijing",
    });
    expect(config.registries.map(({ network, identity }) => ({ network, identity }))).toEqual([
      { network: "vpc", identity: { source: "accessKey", directory: "/keys", assumeRoles: [] } },
      {
        network: "vpc",
        identity: {
          source: "accessKey",
          directory: "/keys",
          assumeRoles: [{ roleArn: roleB, durationSeconds: 3600 }],
        },
      },
    ]);
  });
});

describe("the identity of an item", () => {
  test("none of its own: what the node has", async () => {
    expect(await identityOf(["instanceId: cri-a"])).toEqual(auto);
  });

  test.each([
    ["", 3600],
    ["expireDuration: 7200", 7200],
    ['expireDuration: "7200"', 7200],
    ["expireDuration: 2h", 7200],
  ])("assumeRoleARN %s", async (line, durationSeconds) => {
    expect(await identityOf(["instanceId: cri-a", `assumeRoleARN: ${roleB}`, line])).toEqual({
      source: "auto",
      assumeRoles: [{ roleArn: roleB, durationSeconds }],
    });
  });

  const rrsa = [`rrsaRoleARN: ${roleA}`, `rrsaOIDCProviderRoleARN: ${provider}`];
  const on = "rrsa: |\n  enable: true";

  test("RRSA is the pod's own token, then the role of the other account", async () => {
    const text = item(["instanceId: cri-a", ...rrsa, `assumeRoleARN: ${roleB}`, "expireDuration: 3600"], on);
    const { config, warnings } = await converted(text);
    expect(config.registries[0]?.identity).toEqual({
      source: "serviceAccountToken",
      roleArn: roleA,
      oidcProviderArn: provider,
      assumeRoles: [{ roleArn: roleB, durationSeconds: 3600 }],
    });
    expect(warnings.join()).toContain("trust policy must admit");
  });

  test.each(["rrsa: |\n  enable: true", 'rrsa: "enable: true"', "rrsa: true", "rrsa: {enable: true}"])(
    "%s switches RRSA on",
    async (line) => {
      expect((await identityOf(["instanceId: cri-a", ...rrsa], line))?.source).toBe("serviceAccountToken");
    },
  );

  test.each(["rrsa: |\n  enable: false", "notify-email: x"])(
    "RRSA fields have no effect with %s",
    async (line) => {
      const { config, warnings } = await converted(item(["instanceId: cri-a", ...rrsa], line));
      expect(config.registries[0]?.identity).toEqual(auto);
      expect(warnings.join()).toContain("8 data.acr-registry-info[0].rrsaRoleARN: has no effect");
    },
  );

  test("an AccessKey pair, which the caller hears of", async () => {
    const lines = ['instanceId: ""', "customAccessKey: LTAIexample", "customAccessKeySecret: canary-secret"];
    expect(await identityOf(lines)).toEqual({
      source: "accessKey",
      accessKeyId: "LTAIexample",
      accessKeySecret: "canary-secret",
      assumeRoles: [],
    });
    const { errors } = await validated(item(lines), 0o644);
    expect(said(errors).join()).toContain("chmod 600");
  });

  test.each([
    [
      "half an AccessKey pair",
      ["instanceId: cri-a", "customAccessKey: LTAI"],
      "needs both customAccessKey and customAccessKeySecret",
    ],
    [
      "two identities",
      [
        "instanceId: cri-a",
        "customAccessKey: LTAI",
        "customAccessKeySecret: canary-secret",
        `rrsaRoleARN: ${roleA}`,
      ],
      "one item has one identity",
    ],
    [
      "a wrong ARN",
      ["instanceId: cri-a", "assumeRoleARN: b"],
      "8 data.acr-registry-info[0].assumeRoleARN: must be an ARN",
    ],
    [
      "a duration that is too long",
      ["instanceId: cri-a", `assumeRoleARN: ${roleB}`, "expireDuration: 99999"],
      "9 data.acr-registry-info[0].expireDuration: must be at most 43200",
    ],
    [
      "a duration that is not one",
      ["instanceId: cri-a", `assumeRoleARN: ${roleB}`, "expireDuration: long"],
      "9 data.acr-registry-info[0].expireDuration: must be a whole number",
    ],
    ["RRSA without provider", ["instanceId: cri-a", `rrsaRoleARN: ${roleA}`], "needs oidcProviderArn"],
  ])("%s is an error", async (_name, lines, message) => {
    const { errors } = await validated(item(lines, on));
    expect(said(errors).join()).toContain(message);
    expect(said(errors).join()).not.toContain("canary-secret");
  });

  test("fields that are there and empty, as forms of the console leave them, are as good as missing", async () => {
    const fields = "regionId domains assumeRoleARN expireDuration rrsaRoleARN rrsaOIDCProviderRoleARN";
    const empty = [...fields.split(" "), "customAccessKey", "customAccessKeySecret"].map(
      (key) => `${key}: ""`,
    );
    const data = ['expiring-threshold: ""', 'watch-namespace: ""', 'notify-email: ""'];
    const { config, warnings } = await converted(item(["instanceId: cri-a", ...empty], on, ...data));
    expect(config.registries).toEqual([
      { path: "registries[0]", instanceId: "cri-a", network: "auto", identity: auto },
    ]);
    expect(config.expiringThresholdMs).toBe(900_000);
    expect(config.access.namespaces).toEqual(["default"]);
    expect(warnings.join()).not.toContain("has no effect");
  });

  test("several instance IDs in one item are several entries", async () => {
    const { config } = await converted(
      item(["instanceId: cri-a, cri-b", "regionId: cn-beijing", `assumeRoleARN: ${roleB}`]),
    );
    expect(
      config.registries.map(({ instanceId, regionId, identity }) => [
        instanceId,
        regionId,
        identity.assumeRoles.length,
      ]),
    ).toEqual([
      ["cri-a", "cn-beijing", 1],
      ["cri-b", "cn-beijing", 1],
    ]);
  });

  test("a duration without role, and a session name, have no effect", async () => {
    const { warnings } = await converted(
      item(["instanceId: cri-a", "expireDuration: 3600", "rrsaOIDCTokenRoleSessionName: x"]),
    );
    expect(warnings.join()).toContain("expireDuration: has no effect without assumeRoleARN");
  });
});
