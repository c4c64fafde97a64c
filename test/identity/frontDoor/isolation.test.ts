import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import fc from "fast-check";
import { annotationNames } from "../../../src/access/annotations.ts";
import { fileCache } from "../../../src/cache/fileCache.ts";
import type { ProviderConfig } from "../../../src/config/config.ts";
import { Failure } from "../../../src/failure/failure.ts";
import { provide, pullOf } from "../../../src/plugin/provide.ts";
import type { PluginRequest } from "../../../src/plugin/request.ts";
import { startCloud } from "../../cloud/cloud.ts";
import { defaultConfig } from "../../support/testRun.ts";
import { cloudRun } from "../support/cloudIdentity.ts";
import {
  addOpenRoles,
  expectedOutcome,
  type Pull,
  pulls,
  type Setup,
  setups,
} from "../support/isolationModel.ts";

/** Everything on one node: all configs and pods share one cache, as processes do that run one after another. */
const cloud = await startCloud();
addOpenRoles(cloud.world);
const directory = mkdtempSync(`${tmpdir()}/isolation-`);
const complaints: string[] = [];
const cache = fileCache({
  directory: `${directory}/cache`,
  now: Date.now,
  warn: (text) => complaints.push(text),
});
afterAll(async () => {
  await cloud.stop();
  rmSync(directory, { recursive: true, force: true });
});

const tokens = new Map<string, string>();

function tokenOf(namespace: string, serviceAccount: string): string {
  const name = `${namespace}/${serviceAccount}`;
  const token = tokens.get(name) ?? cloud.issueServiceAccountToken({ namespace, serviceAccount });
  tokens.set(name, token);
  return token;
}

function configOf({ registries, allowed }: Setup): Partial<ProviderConfig> {
  const serviceAccountAnnotations = { enabled: allowed !== undefined, allowedRoleArns: allowed ?? [] };
  return {
    ...defaultConfig,
    serviceAccountAnnotations,
    registries: registries.map(({ instance, identity }, index) => ({
      path: `registries[${index}]`,
      ...instance,
      network: "auto",
      identity,
    })),
    endpoints: cloud.endpoints,
    tls: { caFile: cloud.caFile },
  };
}

/** Who got which instance's token, and whether it serves to pull; or that nobody got one. */
async function outcomeOf(setup: Setup, pull: Pull): Promise<string> {
  const run = cloudRun(cloud, { cache, env: { NODE_NAME: "node" }, config: configOf(setup) });
  const { serviceAccount, annotations, registry } = pull;
  const { instanceName } = setup.registries[registry]?.instance ?? { instanceName: "" };
  const { serviceArns, userArns, roleName } = annotations;
  try {
    const request: PluginRequest = {
      apiVersion: "credentialprovider.kubelet.k8s.io/v1",
      image: `${instanceName}-registry.cn-hangzhou.cr.aliyuncs.com/apps/web`,
      ...(serviceAccount && { serviceAccountToken: tokenOf(serviceAccount.namespace, serviceAccount.name) }),
      serviceAccountAnnotations: {
        [annotationNames.serviceArns]: serviceArns.join(),
        [annotationNames.userArns]: userArns.join(),
        [annotationNames.roleName]: roleName,
      },
    };
    const outcome = await provide(run, pullOf(run, request));
    if ("failure" in outcome) throw outcome.failure;
    if (outcome.kind !== "credentials") return outcome.kind;
    const { username, password } = outcome.credentials;
    const login = cloud.acceptsRegistryLogin(username, password);
    return `${login?.callerArn} ${login?.instanceId} ${login?.mayPull("apps/web") ? "pulls" : "does not pull"}`;
  } catch (error) {
    if (error instanceof Failure && error.exitStatus === 1) return "nobody";
    throw error;
  }
}

test("no pull ever gets a token or session that was obtained for another identity", async () => {
  const outcomes = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(setups, fc.array(pulls, { minLength: 1, maxLength: 6 }), async (setup, steps) => {
      for (const pull of steps) {
        const outcome = await outcomeOf(setup, pull);
        expect(outcome).toBe(expectedOutcome(setup, pull));
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
    }),
    { numRuns: 240 },
  );
  expect(cloud.violations).toEqual([]);
  expect(complaints).toEqual([]);
  // The mixes were mixes: many identities, and many of them more than once, so that the cache was in play.
  expect(outcomes.size).toBeGreaterThan(20);
  expect([...outcomes.values()].filter((count) => count > 1).length).toBeGreaterThan(5);
}, 60_000);
