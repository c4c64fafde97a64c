import { expect, test } from "bun:test";
import { oidcProvider, roleAnyPod } from "../../cloud/defaultWorld.ts";
import { seen } from "../../documents/support/markedBlocks.ts";
import { replaceExecutable } from "../cluster/pluginInstallation.ts";
import { corpHost } from "../cluster/surroundings.ts";
import { describeOnCluster } from "../cluster/useCluster.ts";

const pods = 24;
const setup = {
  config: { identity: { source: "serviceAccountToken", oidcProviderArn: oidcProvider, roleArn: roleAnyPod } },
};

describeOnCluster("upgrade of the executable", setup, (at) => {
  test("replaced by rename again and again under a stream of pods: each pod runs the plugin, and no pull fails", async () => {
    const image = await at.newImage(`${corpHost}/team/web`);
    const [position, happened] = [at.kubeletLogPosition(), await at.counting()];
    let streaming = true;
    let upgrades = 0;
    const upgrading = (async () => {
      for (; streaming; upgrades += 1) {
        replaceExecutable();
        // Each time 100 MB are copied, while pods start on the same few cores.
        await Bun.sleep(250);
      }
    })();
    for (let index = 0; index < pods; index += 1) {
      await at.workloads.serviceAccount(`stream-${index}`);
      await at.workloads.pod({ name: `stream-${index}`, image, serviceAccount: `stream-${index}` });
    }
    await at.workloads.running("stream-", pods);
    streaming = false;
    await upgrading;

    expect(upgrades).toBeGreaterThan(1);
    expect((await happened()).runs).toBe(pods);
    const said = at.kubeletLogSince(position);
    for (const text of seen("in the kubelet's log", "the plugin failed")) expect(said).not.toContain(text);
    expect(said).not.toContain("ErrImagePull");
  });
});
