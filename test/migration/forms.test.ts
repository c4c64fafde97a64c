import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { parse } from "yaml";
import { runExecutable } from "../support/executable.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(`${tmpdir()}/acr-forms-`);
});
afterAll(() => rmSync(directory, { recursive: true }));

function write(text: string): string {
  const file = `${directory}/config.yaml`;
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

async function shown(text: string) {
  const { status, stdout, stderr } = await runExecutable({
    args: ["config", "show", "--config", write(text)],
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return parse(stdout);
}

const items = [
  { instanceId: "cri-a", regionId: "cn-hangzhou", domains: "a.example.com,b.example.com" },
  { instanceId: "" },
];
const info =
  '- instanceId: "cri-a"\n  regionId: "cn-hangzhou"\n  domains: a.example.com,b.example.com\n- instanceId: ""\n';
const metadata = {
  annotations: { "kubectl.kubernetes.io/last-applied-configuration": '{"apiVersion":"v1","data":{}}' },
  creationTimestamp: "2023-01-01T00:00:00Z",
  managedFields: [{ manager: "kubectl-edit", operation: "Update" }],
  name: "acr-configuration",
  namespace: "kube-system",
  resourceVersion: "4242",
  selfLink: "/api/v1/namespaces/kube-system/configmaps/acr-configuration",
  uid: "2d1f7a3e-0000-4000-8000-000000000000",
};
const data = { "acr-registry-info": info, "watch-namespace": "all", "service-account": "*" };
const exported = { apiVersion: "v1", kind: "ConfigMap", metadata, data, immutable: false };

describe("one acr-configuration in whatever form it comes", () => {
  test.each([
    ["as kubectl -o json exports it", JSON.stringify(exported, null, 4)],
    ["in a List", JSON.stringify({ apiVersion: "v1", kind: "List", items: [exported] })],
    [
      "with the list as JSON text",
      JSON.stringify({ ...exported, data: { ...data, "acr-registry-info": JSON.stringify(items) } }),
    ],
    [
      "with domains as a list",
      JSON.stringify({
        ...exported,
        data: {
          ...data,
          "acr-registry-info": JSON.stringify([
            { ...items[0], domains: ["a.example.com", "b.example.com"] },
            {},
          ]),
        },
      }),
    ],
    [
      "with ALL for every namespace",
      JSON.stringify({ ...exported, data: { ...data, "watch-namespace": "ALL" } }),
    ],
    [
      "with * for every namespace",
      JSON.stringify({ ...exported, data: { ...data, "watch-namespace": "*" } }),
    ],
    [
      "in the add-on's words",
      JSON.stringify({
        AcrInstanceInfo: [
          { InstanceId: "cri-a", regionId: "cn-hangzhou", domains: "a.example.com, b.example.com" },
          { instanceId: "" },
        ],
        watchNamespace: "all",
        serviceAccount: "*",
        expiringThreshold: "15m",
        notifyEmail: "",
      }),
    ],
    ["as data alone", JSON.stringify({ data })],
    [
      "as YAML with Windows line ends",
      `kind: ConfigMap\ndata:\n  watch-namespace: all\n  service-account: "*"\n  acr-registry-info: |\n${info.replace(/^/gm, "    ").trimEnd()}\n`.replaceAll(
        "\n",
        "\r\n",
      ),
    ],
  ])("%s", async (_name, text) => {
    const { registries, access, expiringThreshold } = await shown(text);
    const auto = { network: "auto", identity: { source: "auto", assumeRoles: [] } };
    expect(registries).toEqual([
      { instanceId: "cri-a", regionId: "cn-hangzhou", domains: ["a.example.com", "b.example.com"], ...auto },
      { instanceId: "", ...auto },
    ]);
    expect(access).toEqual({ namespaces: ["*"], serviceAccounts: ["*"] });
    expect(expiringThreshold).toBe("15m");
  });

  test.each([
    ["15m", "15m"],
    ["15m0s", "15m"],
    ["900s", "15m"],
    ["0h20m0s", "20m"],
  ])("expiring-threshold %s is %s", async (threshold, expected) => {
    const text = JSON.stringify({ ...exported, data: { ...data, "expiring-threshold": threshold } });
    expect((await shown(text)).expiringThreshold).toBe(expected);
  });

  test.each([
    ["acr-api-version", "v1"],
    ["notify-email", "cs@example.com"],
    ["webhook-configuration", "enable: true\nfailure-policy: Fail\ntimeout-seconds: 15\n"],
    ["acr-registry", "registry.cn-hangzhou.aliyuncs.com"],
    ["tokenMode", "auto"],
  ])("%s is accepted, and config validate says that it has no effect", async (key, value) => {
    const file = write(JSON.stringify({ ...exported, data: { ...data, [key]: value } }));
    const { status, stdout } = await runExecutable({ args: ["config", "validate", file] });
    expect(status).toBe(0);
    expect(stdout).toMatch(new RegExp(`warning: line \\d+: data.${key}: has no effect`));
  });
});
