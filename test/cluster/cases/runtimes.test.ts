import { expect, test } from "bun:test";
import { pluginRuns } from "../../kubelet/node/kubelet.ts";
import { waitFor } from "../../kubelet/node/service.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { corpHost } from "../cluster/surroundings.ts";
import { describeOnCluster } from "../cluster/useCluster.ts";

const setup = { config: { identity: { source: "ecsRamRole" } } };

/** What the node says about its container runtime. */
async function runtimeOf({ controlPlane: { api } }: Cluster): Promise<string> {
  const { status } = await api.request<{ status: { nodeInfo: { containerRuntimeVersion: string } } }>(
    "GET",
    "/api/v1/nodes/node1",
  );
  return status.nodeInfo.containerRuntimeVersion;
}

describeOnCluster("with one container runtime or another", undefined, (at) => {
  test.each(["1.6", "2"] as const)("with containerd %s a private image runs", async (version) => {
    await at.useContainerd(version);
    const position = at.kubeletLogPosition();
    await at.useNode(setup);
    await waitFor("runtime in the node's status", async () =>
      (await runtimeOf(at)).startsWith(`containerd://${version === "1.6" ? "1.6." : "2."}`),
    );
    await at.workloads.pod({ name: "web", image: await at.newImage(`${corpHost}/team/web`) });
    await at.workloads.running("web");
    expect(await pluginRuns()).toBe(1);
    const fromRuntime = at.kubeletLogSince(position).includes("from the CRI runtime");
    expect(fromRuntime).toBe(version === "2");
  });

  test("a private pause image is pulled by the runtime itself, and fails: the plugin is not run", async () => {
    const image = await at.newImage(`${corpHost}/team/web`);
    await at.useContainerd("2", await at.newImage(`${corpHost}/team/pause`));
    try {
      await at.useNode(setup);
      await at.workloads.pod({ name: "web", image });
      const event = await waitFor(
        "event",
        async () => (await at.workloads.events("web", "FailedCreatePodSandBox"))[0],
      );
      expect(event).toContain("/team/pause:");
      expect(await pluginRuns()).toBe(0);
    } finally {
      await at.workloads.removeAll();
      await at.useContainerd("2");
      await at.startKubelet();
    }
  });
});
