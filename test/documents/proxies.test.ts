import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { root } from "../../scripts/project.ts";
import type { CredentialProvider } from "../../src/kubelet/credentialProviderConfig/credentialProvider.ts";
import { readCredentialProviderConfig } from "../../src/kubelet/credentialProviderConfig/credentialProviderConfig.ts";
import { kubeletRelease } from "../../src/kubelet/kubeletRelease.ts";
import { matchingProviders } from "../../src/kubelet/matchImages/matchingProviders.ts";
import { proxyChoice } from "../../src/openapi/proxy.ts";
import { type Cloud, startCloud } from "../cloud/cloud.ts";
import { instanceCorp, keyA } from "../cloud/defaultWorld.ts";
import { codeBlocksOf } from "../identity/support/markdown.ts";
import { filesOf } from "../kubeletConfig/files.ts";
import { type TestNode, testNode } from "../support/node.ts";
import { startProxy, type TestProxy } from "../support/proxy.ts";

/** docs/proxies.md, executed. */
const document = readFileSync(`${root}docs/proxies.md`, "utf8");
const PROXY = "http://proxy.example.com:3128";
const ACR = "cr.cn-hangzhou.aliyuncs.com";
const STS = "sts.cn-hangzhou.aliyuncs.com";
const IMAGE = "corp-registry-vpc.cn-hangzhou.cr.aliyuncs.com/apps/web";
const yaml = codeBlocksOf(document).filter(({ language }) => language === "yaml");

async function providerOf(text: string): Promise<CredentialProvider> {
  const options = { release: kubeletRelease("1.34"), files: filesOf({ "/config.yaml": text }) };
  const verdict = await readCredentialProviderConfig("/config.yaml", options);
  expect(verdict).toMatchObject({ accepted: true, remarks: [] });
  const [provider] = verdict.accepted ? verdict.providers : [];
  if (provider === undefined) throw new Error("no provider");
  return provider;
}

describe("the table of NO_PROXY", () => {
  const rows = [...document.matchAll(/^\| `(.*?)` \| (`.*?) \| (.*?) ?\|$/gm)]
    .map(([, entry = "", direct = "", proxied = ""]) => ({
      entry,
      direct: hostsIn(direct),
      proxied: hostsIn(proxied),
    }))
    .filter(({ direct }) => direct.length > 0);

  test.each(rows)("$entry", ({ entry, direct, proxied }) => {
    const proxyOf = (host: string) =>
      proxyChoice({ HTTPS_PROXY: PROXY, NO_PROXY: entry }, new URL(`https://${host}/`)).proxy;
    for (const host of direct) expect([host, proxyOf(host)]).toEqual([host, undefined]);
    for (const host of proxied) expect([host, proxyOf(host)?.origin]).toEqual([host, PROXY]);
  });

  test("is found", () => {
    expect(rows).toHaveLength(9);
    expect(rows.flatMap(({ proxied }) => proxied).length).toBeGreaterThan(7);
  });

  function hostsIn(cell: string): string[] {
    return [...cell.matchAll(/`([^`]+)`/g)].map(([, host = ""]) => host);
  }
});

describe("the configs for the kubelet", () => {
  let cloud: Cloud;
  let proxy: TestProxy;
  let node: TestNode;
  beforeAll(async () => {
    cloud = await startCloud({ hosts: [ACR, STS] });
    proxy = await startProxy({ [ACR]: cloud.endpoints.acr });
    node = testNode(cloud, {
      registries: [{ instanceId: instanceCorp, instanceName: "corp", regionId: "cn-hangzhou" }],
      identity: { source: "accessKey", accessKeyId: keyA.id, accessKeySecret: keyA.secret },
      endpoints: { acr: `https://${ACR}` },
    });
  });
  afterAll(async () => {
    node.remove();
    await proxy.close();
    await cloud.stop();
  });

  test("two of them, and a kubelet starts with each and runs the plugin for an image", async () => {
    expect(yaml).toHaveLength(2);
    for (const { text } of yaml) {
      const provider = await providerOf(text);
      expect(provider.name).toBe("aliyun-acr-credential-provider");
      expect(matchingProviders([provider], IMAGE).matching).toHaveLength(1);
    }
  });

  test("with the first the plugin goes by the proxy, and to the VPC's endpoints without it", async () => {
    const env = environmentOf(await providerOf(yaml[0]?.text ?? ""));
    expect(env.HTTPS_PROXY).toBe(PROXY);
    const { status } = await node.pull(IMAGE, { env: { ...env, HTTPS_PROXY: `http://${proxy.address}` } });
    expect(status).toBe(0);
    expect(proxy.tunnels.map(({ target }) => target)).toEqual([`${ACR}:443`]);
    for (const host of ["cr-vpc.cn-hangzhou.aliyuncs.com", "sts-vpc.cn-hangzhou.aliyuncs.com"]) {
      expect(proxyChoice(env, new URL(`https://${host}/`)).proxy).toBeUndefined();
    }
  });

  test("with the second it goes by none, although the kubelet has one", async () => {
    const kubelets = { HTTPS_PROXY: PROXY, https_proxy: PROXY };
    const env = { ...kubelets, ...environmentOf(await providerOf(yaml[1]?.text ?? "")) };
    const { stdout } = await node.run(["explain", IMAGE], { env });
    expect(stdout).toContain(`proxy       https://${ACR}: none (HTTPS_PROXY is not set`);
  });
});

describe("the variables of k3s", () => {
  const [ini] = codeBlocksOf(document).filter(({ language }) => language === "ini");
  const env = Object.fromEntries(
    (ini?.text ?? "").split("\n").map((line) => line.split(/=(.*)/s).slice(0, 2)),
  );

  test.each([
    [ACR, PROXY],
    [STS, PROXY],
    ["cr-vpc.cn-hangzhou.aliyuncs.com", undefined],
    ["sts-vpc.cn-hangzhou.aliyuncs.com", undefined],
    ["10.43.0.1", undefined],
  ])("lead %s as the text says", (host, proxy) => {
    expect(proxyChoice(env, new URL(`https://${host}/`)).proxy?.origin).toBe(proxy as string);
  });
});

test("the codes that it explains are the program's", () => {
  const codes = [...document.matchAll(/^\| `([A-Z][a-z]\w+)` \|/gm)].map(([, code = ""]) => code);
  expect(codes).toHaveLength(4);
  const source = ["proxy", "networkFailure"].map((name) =>
    readFileSync(`${root}src/openapi/${name}.ts`, "utf8"),
  );
  for (const code of codes) expect(source.join("\n")).toContain(`"${code}"`);
});

function environmentOf({ env }: CredentialProvider): Record<string, string> {
  return Object.fromEntries(env.map(({ name, value }) => [name, value]));
}
