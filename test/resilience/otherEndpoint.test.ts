import { afterAll, afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { stringify } from "yaml";
import { loadConfig } from "../../src/config/loadConfig.ts";
import type { Failure } from "../../src/failure/failure.ts";
import { readMetadata } from "../../src/identity/metadata.ts";
import { newRecord } from "../../src/log/record.ts";
import { Secrets } from "../../src/log/secrets.ts";
import { type Outcome, provide } from "../../src/plugin/provide.ts";
import type { PluginRequest } from "../../src/plugin/request.ts";
import { startRun } from "../../src/run/run.ts";
import { startCloud } from "../cloud/cloud.ts";
import { roleAssume } from "../cloud/defaultWorld.ts";
import { testRun } from "../support/testRun.ts";
import { accessKey, corpEntry } from "./nodes.ts";

/** The hosts of both APIs, as a region has them; what they are asked goes to the simulated cloud or nowhere. */
const hosts = {
  acrVpc: "cr-vpc.cn-hangzhou.aliyuncs.com",
  acr: "cr.cn-hangzhou.aliyuncs.com",
  stsVpc: "sts-vpc.cn-hangzhou.aliyuncs.com",
  sts: "sts.cn-hangzhou.aliyuncs.com",
};
const IMAGE = "corp-registry-vpc.cn-hangzhou.cr.aliyuncs.com/apps/web";

const cloud = await startCloud();
afterAll(() => cloud.stop());

let directory: string;
beforeEach(() => {
  cloud.reset();
  directory = mkdtempSync(`${tmpdir()}/acr-endpoints-`);
});
afterEach(() => rmSync(directory, { recursive: true }));

/** One pull by a network in which only these hosts answer. Returns the hosts that were asked, in order. */
async function pull(reachable: readonly string[], network: "auto" | "vpc" | "public" = "auto") {
  const asked: string[] = [];
  const text = stringify({
    apiVersion: "aliyun-acr-credential-provider/v1",
    kind: "ProviderConfig",
    network,
    registries: [corpEntry],
    identity: { ...accessKey, assumeRoles: [{ roleArn: roleAssume }] },
    cache: { directory },
    timeouts: { total: "5s", request: "1s" },
  });
  const files = { read: () => ({ text, mode: 0o600, uid: 0 }) };
  const config = await loadConfig({ env: {}, flag: "config.yaml", files });
  const surroundings = {
    env: {},
    now: Date.now,
    random: () => 0,
    sleep: async () => {},
    fetch: async (url: string, init: RequestInit) => {
      const { host, pathname, search } = new URL(url);
      asked.push(host);
      if (!reachable.includes(host)) throw Object.assign(new TypeError("no"), { code: "ECONNREFUSED" });
      const base = host.startsWith("sts") ? cloud.endpoints.stsHttp : cloud.endpoints.acrHttp;
      return fetch(`${base}${pathname}${search}`, { ...init, headers: { ...init.headers, host } });
    },
  };
  const request: PluginRequest = {
    apiVersion: "credentialprovider.kubelet.k8s.io/v1",
    image: IMAGE,
    serviceAccountAnnotations: {},
  };
  const run = startRun(surroundings, config, newRecord(), new Secrets());
  return { asked, outcome: provide(run, request) };
}

/** Forgets tokens and sessions, so that both APIs are asked again. */
function forgetCredentials(): void {
  for (const name of readdirSync(directory).filter((file) => /^(token|session|failure)-/.test(file))) {
    rmSync(`${directory}/${name}`);
  }
}

function failureIn(outcome: Outcome): Failure {
  if ("failure" in outcome) return outcome.failure;
  throw new Error("it did not fail");
}

test("the VPC endpoints answer: nobody else is asked", async () => {
  const { asked, outcome } = await pull(Object.values(hosts));
  expect((await outcome).kind).toBe("credentials");
  expect(asked).toEqual([hosts.stsVpc, hosts.acrVpc]);
});

test("they do not: the public ones are asked once, and the next run asks them first", async () => {
  const open = [hosts.sts, hosts.acr];
  const first = await pull(open);
  expect((await first.outcome).kind).toBe("credentials");
  expect(first.asked).toEqual([hosts.stsVpc, hosts.sts, hosts.acrVpc, hosts.acr]);
  forgetCredentials();
  const second = await pull(open);
  expect((await second.outcome).kind).toBe("credentials");
  expect(second.asked).toEqual([hosts.sts, hosts.acr]);
});

test("the one that is remembered goes away: the other one is asked, and remembered instead", async () => {
  await (await pull([hosts.sts, hosts.acr])).outcome;
  forgetCredentials();
  const second = await pull([hosts.stsVpc, hosts.acrVpc]);
  expect((await second.outcome).kind).toBe("credentials");
  expect(second.asked).toEqual([hosts.sts, hosts.stsVpc, hosts.acr, hosts.acrVpc]);
  forgetCredentials();
  const third = await pull(Object.values(hosts));
  await third.outcome;
  expect(third.asked).toEqual([hosts.stsVpc, hosts.acrVpc]);
});

test("neither answers: four attempts, and the failure names both", async () => {
  const { asked, outcome } = await pull([]);
  const failure = failureIn(await outcome);
  expect(asked).toEqual([hosts.stsVpc, hosts.sts, hosts.stsVpc, hosts.sts]);
  expect(failure.message).toContain(hosts.stsVpc);
  expect(failure.message).toContain(hosts.sts);
});

test("network: public never asks a VPC endpoint", async () => {
  const { asked, outcome } = await pull([], "public");
  failureIn(await outcome);
  expect(new Set(asked)).toEqual(new Set([hosts.sts]));
});

test("network: vpc never asks a public one", async () => {
  const { asked, outcome } = await pull([], "vpc");
  failureIn(await outcome);
  expect(new Set(asked)).toEqual(new Set([hosts.stsVpc]));
});

test("the metadata service at its own address is asked past every proxy, and only there", async () => {
  const asked: string[] = [];
  const run = testRun({
    env: { HTTP_PROXY: "http://proxy.invalid:3128", http_proxy: "http://proxy.invalid:3128" },
    // Nothing is sent: this is where a request would leave the process.
    fetch: async (url, init) => {
      asked.push(`${(init as BunFetchRequestInit).proxy} ${init.method} ${url}`);
      return new Response(init.method === "PUT" ? "token" : "cn-hangzhou");
    },
  });
  expect(await readMetadata(run, "region-id")).toBe("cn-hangzhou");
  expect(asked).toEqual([
    "false PUT http://100.100.100.200/latest/api/token",
    "false GET http://100.100.100.200/latest/meta-data/region-id",
  ]);
});
