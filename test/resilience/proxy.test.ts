import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { type Cloud, startCloud } from "../cloud/cloud.ts";
import { roleAssume } from "../cloud/defaultWorld.ts";
import type { RunResult } from "../support/executable.ts";
import { type TestNode, testNode } from "../support/node.ts";
import { startProxy, type TestProxy } from "../support/proxy.ts";
import { acceptedPassword, accessKey, corpEntry, IMAGE } from "./nodes.ts";

/** No resolver knows these, so that whatever does not go through the proxy goes nowhere. */
const ACR = "acr.invalid";
const STS = "sts.invalid";
const ADDRESS = "10.20.30.40";
const PASSWORD = "canary p@ss:word";
const withPassword = (address: string) => `http://user:${encodeURIComponent(PASSWORD)}@${address}`;

let cloud: Cloud;
let proxy: TestProxy;
let node: TestNode;

beforeAll(async () => {
  cloud = await startCloud({ hosts: [ACR, STS, ADDRESS] });
});
afterAll(() => cloud.stop());
beforeEach(async () => {
  cloud.reset();
  const { acr, sts } = cloud.endpoints;
  proxy = await startProxy({ [ACR]: acr, [STS]: sts, [ADDRESS]: acr }, `user:${PASSWORD}`);
  node = testNode(cloud);
  configure(ACR);
});
afterEach(async () => {
  expect(readFileSync(node.logFile, "utf8")).not.toContain("canary");
  expect(proxy.plain).toEqual([]);
  node.remove();
  await proxy.close();
});

function configure(acr: string, identity: object = accessKey): void {
  node.configure({
    registries: [corpEntry],
    identity,
    endpoints: { acr: `https://${acr}`, sts: `https://${STS}`, metadata: cloud.endpoints.metadata },
    timeouts: { total: "4s", request: "1s" },
  });
}

function pull(env: Record<string, string>): Promise<RunResult> {
  return node.pull(IMAGE, { env });
}

function expectFailure({ status, stderr }: RunResult, code: string, ...words: string[]): void {
  expect(status).toBe(1);
  for (const word of [`code ${code}`, ...words]) expect(stderr).toContain(word);
  expect(stderr).not.toContain("canary");
}

test("ACR and STS are asked through it, with user name and password; the metadata service never is", async () => {
  configure(ACR, { source: "ecsRamRole", assumeRoles: [{ roleArn: roleAssume }] });
  const variables = { HTTPS_PROXY: withPassword(proxy.address), HTTP_PROXY: withPassword(proxy.address) };
  acceptedPassword(cloud, await pull(variables));
  const credentials = `user:${PASSWORD}`;
  expect(proxy.tunnels).toEqual([
    { target: `${STS}:443`, credentials },
    { target: `${ACR}:443`, credentials },
  ]);
  expect(cloud.calls("MetadataRoleCredentials")).toHaveLength(1);
});

describe("which requests go through it", () => {
  const through: [string, Record<string, string>, string?][] = [
    ["https_proxy in lower case", { https_proxy: "PROXY" }],
    ["a proxy without scheme, by its address", { HTTPS_PROXY: "PROXY WITHOUT SCHEME" }],
    [
      "NO_PROXY that blanks separate, as Go reads it",
      { HTTPS_PROXY: "PROXY", NO_PROXY: `example.com ${ACR}` },
    ],
    ["NO_PROXY of another domain", { HTTPS_PROXY: "PROXY", NO_PROXY: "example.com,.internal" }],
    ["NO_PROXY of another port", { HTTPS_PROXY: "PROXY", NO_PROXY: `${ACR}:8443` }],
    ["NO_PROXY of the domain below", { HTTPS_PROXY: "PROXY", NO_PROXY: `.${ACR}` }],
    ["NO_PROXY of a network that it is not in", { HTTPS_PROXY: "PROXY", NO_PROXY: "10.0.0.0/16" }, ADDRESS],
  ];
  test.each(through)("%s: through it", async (_name, variables, host = ACR) => {
    configure(host);
    acceptedPassword(cloud, await pull(withProxy(variables)));
    expect(proxy.tunnels.map(({ target }) => target)).toEqual([`${host}:443`]);
  });

  const past: [string, Record<string, string>][] = [
    ["no variable", {}],
    ["HTTP_PROXY alone", { HTTP_PROXY: "PROXY" }],
    ["ALL_PROXY alone", { ALL_PROXY: "PROXY" }],
    ["NO_PROXY=*", { HTTPS_PROXY: "PROXY", NO_PROXY: "*" }],
    ["no_proxy of the host, in lower case", { HTTPS_PROXY: "PROXY", no_proxy: ACR }],
    ["NO_PROXY of the host and port", { HTTPS_PROXY: "PROXY", NO_PROXY: `${ACR}:443` }],
    ["NO_PROXY of the suffix", { HTTPS_PROXY: "PROXY", NO_PROXY: "a.example, .invalid" }],
    ["NO_PROXY of the domain above", { HTTPS_PROXY: "PROXY", NO_PROXY: "invalid" }],
  ];
  test.each(past)("%s: past it", async (_name, variables) => {
    expectFailure(await pull(withProxy(variables)), "HostNotFound", ACR);
    expect(proxy.tunnels).toEqual([]);
  });

  function withProxy(variables: Record<string, string>): Record<string, string> {
    const url = withPassword(proxy.address);
    const forms: Record<string, string> = { PROXY: url, "PROXY WITHOUT SCHEME": url.slice("http://".length) };
    const entries = Object.entries(variables).map(([name, value]) => [name, forms[value] ?? value]);
    return Object.fromEntries(entries);
  }
});

describe("a proxy that does not do it", () => {
  const behaviours: [string, TestProxy["behaviour"], code: string, tunnels: number][] = [
    ["refuses", 403, "ProxyRefused", 1],
    ["has no way to the host", 502, "ProxyFailed", 4],
    ["never answers", "hang", "Timeout", 4],
  ];
  test.each(behaviours)(
    "%s: it is named, and retried only where that may help",
    async (_name, how, code, most) => {
      proxy.behaviour = how;
      const result = await pull({ HTTPS_PROXY: withPassword(proxy.address) });
      expectFailure(result, code, `${ACR} through the proxy ${proxy.address} (HTTPS_PROXY)`);
      expect(proxy.tunnels.length).toBeLessThanOrEqual(most);
    },
  );

  test.each(["socks5", "socks5h"])(
    "is a %s proxy: it is refused by name, and no one is asked",
    async (scheme) => {
      const result = await pull({ HTTPS_PROXY: `${scheme}://user:canary@${proxy.address}` });
      expectFailure(
        result,
        "ProxyInvalid",
        `use the proxy of HTTPS_PROXY: ${scheme}:// proxies are not supported`,
        "name an HTTP proxy (http://HOST:PORT) in HTTPS_PROXY",
        `or add ${ACR} to NO_PROXY`,
      );
      expect(proxy.tunnels).toEqual([]);
    },
  );

  test("wants another password: it is not asked again, and the password is nowhere", async () => {
    const result = await pull({ HTTPS_PROXY: `http://user:canary-other@${proxy.address}` });
    expectFailure(result, "ProxyRefused", "HTTPS_PROXY");
    expect(proxy.tunnels).toHaveLength(1);
  });
});
