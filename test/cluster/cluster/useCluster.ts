import { afterAll, afterEach, beforeAll, describe, expect } from "bun:test";
import { defaultWorld } from "../../cloud/defaultWorld.ts";
import { cgroupVariable } from "../../kubelet/node/enclosure.ts";
import { pluginRuns } from "../../kubelet/node/kubelet.ts";
import { keepLogs } from "../../kubelet/node/service.ts";
import { type Cluster, sharedCluster } from "./cluster.ts";
import type { NodeSetup } from "./workerNode.ts";

/** What happened since a moment. */
export interface Happened {
  readonly runs: number;
  /** Calls of GetAuthorizationToken. */
  readonly tokenCalls: number;
}

/** The cluster in a test. */
export interface InCluster extends Cluster {
  /** Starts to count; the function that it returns says how many there were. */
  counting(): Promise<() => Promise<Happened>>;
}

/**
 * A group of tests on the shared cluster with a node that is set up so, if it is. After each test the cloud is as it was at the
 * beginning, nothing runs in the cluster, and no client has done what no honest client does. With `begin`, which is called
 * before the first test, the tests share what runs and what has been issued: all that ends with each of them are the cloud's faults.
 */
export function describeOnCluster(
  title: string,
  setup: NodeSetup | undefined,
  tests: (at: InCluster) => void,
  begin?: (at: InCluster) => Promise<void>,
): void {
  describe.skipIf(!process.env[cgroupVariable])(title, () => {
    const at = {} as InCluster;
    beforeAll(async () => {
      Object.assign(at, await sharedCluster(), { counting: () => counting(at) });
      resetWorld(at);
      if (setup) await at.useNode(setup);
      await begin?.(at);
    });
    afterEach(async () => {
      const { violations } = at.cloud;
      at.cloud.faults.clear();
      if (!begin) await clean(at);
      expect(violations).toEqual([]);
    });
    afterAll(async () => {
      if (begin) await clean(at);
      keepLogs();
    });
    tests(at);
  });
}

async function clean(at: InCluster): Promise<void> {
  at.cloud.reset();
  resetWorld(at);
  await at.workloads.removeAll();
}

function resetWorld({ cloud, controlPlane }: Cluster): void {
  Object.assign(cloud.world, { tokenLifeMs: undefined }, defaultWorld());
  trustCluster(cloud.world, controlPlane);
}

/** Lets every OIDC provider of the cloud know the cluster's key, as it would from the issuer's URL. */
export function trustCluster(world: Cluster["cloud"]["world"], { tokenKey }: Cluster["controlPlane"]): void {
  for (const provider of world.accounts.flatMap(({ oidcProviders }) => oidcProviders))
    provider.keys = [tokenKey];
}

async function counting({ cloud }: Cluster): Promise<() => Promise<Happened>> {
  const [runs, calls] = [await pluginRuns(), cloud.calls("GetAuthorizationToken").length];
  return async () => ({
    runs: (await pluginRuns()) - runs,
    tokenCalls: cloud.calls("GetAuthorizationToken").length - calls,
  });
}
