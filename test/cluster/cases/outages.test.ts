import { beforeEach, expect, test } from "bun:test";
import { oidcProvider, roleAnyPod } from "../../cloud/defaultWorld.ts";
import { seen } from "../../documents/support/markedBlocks.ts";
import { pluginRuns } from "../../kubelet/node/kubelet.ts";
import type { PodSeen } from "../../kubelet/node/pods.ts";
import { waitFor } from "../../kubelet/node/service.ts";
import { crash, runningContainer } from "../cluster/containers.ts";
import { endOfToken, shortLifeMs } from "../cluster/shortToken.ts";
import { corpHost } from "../cluster/surroundings.ts";
import { describeOnCluster, type InCluster } from "../cluster/useCluster.ts";
import type { NodeSetup } from "../cluster/workerNode.ts";

const nodeIdentity: NodeSetup = { config: { identity: { source: "ecsRamRole" } } };
const identity = { source: "serviceAccountToken", oidcProviderArn: oidcProvider, roleArn: roleAnyPod };
const perPod: NodeSetup = { config: { identity } };
const perPodSilent: NodeSetup = { config: { identity, answerInOutage: false } };

/** What the tests of a group share: the pod `web` of the account `puller`, whose token has ended. */
interface Shared {
  /** On the node, verified for the account. */
  image: string;
}

/** A group of tests on such a pod; each leaves it running, with the image on the node, and begins without a token that is valid. */
function describeWithEndedToken(
  title: string,
  setup: NodeSetup,
  tests: (at: InCluster, shared: Shared) => void,
): void {
  const shared: Shared = { image: "" };
  async function begin(at: InCluster): Promise<void> {
    at.cloud.world.tokenLifeMs = shortLifeMs;
    await at.workloads.serviceAccount("puller");
    shared.image = await at.newImage(`${corpHost}/team/web`);
    const wanted = { name: "web", serviceAccount: "puller", pullPolicy: "IfNotPresent" } as const;
    await at.workloads.pod({ ...wanted, image: shared.image });
    await web(at);
  }
  function withoutToken(at: InCluster): void {
    beforeEach(() => endOfToken(at));
    tests(at, shared);
  }
  describeOnCluster(title, setup, withoutToken, begin);
}

/** The pod as it runs now. */
const web = async (at: InCluster) => (await at.workloads.running("web"))[0] as PodSeen;

/** Nothing of Alibaba Cloud can be reached, until the end of the test. */
const cutOff = (at: InCluster) => at.cloud.faults.set({ operation: "*", kind: "reset" });

/** What happens while the node cannot reach the API server. */
async function withoutApiServer({ controlPlane }: InCluster, steps: () => Promise<void>): Promise<void> {
  controlPlane.wayFromNode.cut();
  try {
    await steps();
  } finally {
    await controlPlane.wayFromNode.restore();
  }
}

describeWithEndedToken("the node's identity, its token ended", nodeIdentity, (at) => {
  test("with the cloud unreachable a crashed container starts again without a run", async () => {
    const pod = await web(at);
    cutOff(at);
    const happened = await at.counting();
    crash(pod);
    await at.workloads.restarted(pod);
    expect((await happened()).runs).toBe(0);
  });

  test("with the API server away a crashed container starts again without a run", async () => {
    const pod = await web(at);
    const happened = await at.counting();
    await withoutApiServer(at, async () => {
      crash(pod);
      await waitFor("new container", () => ![undefined, pod.containerId].includes(runningContainer(pod)));
    });
    await at.workloads.restarted(pod);
    expect((await happened()).runs).toBe(0);
  });

  test("with the cloud unreachable what is on the node starts without a run after a reboot with /run empty", async () => {
    const pod = await web(at);
    cutOff(at);
    await at.reboot();
    await at.workloads.restarted(pod);
    expect(await pluginRuns()).toBe(0);
  });
});

describeWithEndedToken("a pod's own identity, its token ended", perPod, (at, shared) => {
  test("with the cloud unreachable a crashed container starts again with what the plugin answers in an outage", async () => {
    const pod = await web(at);
    cutOff(at);
    const happened = await at.counting();
    crash(pod);
    await at.workloads.restarted(pod);
    expect((await happened()).runs).toBe(1);
  });

  test("what has to be pulled fails: another account, an absent image, and Always; the registry sees who could not be reached", async () => {
    cutOff(at);
    const before = at.tokenServer.exchanges.length;
    await at.workloads.serviceAccount("second");
    const second = { serviceAccount: "second", pullPolicy: "IfNotPresent" } as const;
    await at.workloads.pod({ name: "account", image: shared.image, ...second });
    const absent = await at.newImage(`${corpHost}/team/web`);
    await at.workloads.pod({ name: "absent", image: absent, serviceAccount: "puller" });
    await at.workloads.pod({ name: "always", image: shared.image, serviceAccount: "puller" });
    const failing = ["account", "absent", "always"];
    for (const name of failing) await at.workloads.failedPull(name);
    const outcomes = at.tokenServer.exchanges.slice(before).map(({ outcome }) => outcome);
    expect(new Set(outcomes)).toEqual(new Set(["login refused"]));
    expect(at.tokenServer.exchanges.slice(before).map(({ username }) => username)).toContain(
      "alibaba-cloud-cannot-be-reached",
    );
    await at.workloads.remove(failing);
  });

  test("with the cloud unreachable what was verified for its account starts after a reboot with /run empty", async () => {
    const pod = await web(at);
    cutOff(at);
    await at.reboot();
    await at.workloads.restarted(pod);
    expect(await pluginRuns()).toBeGreaterThan(0);
  });

  test("with the API server away a crashed container stays down, and the plugin is not run, until the API server is back", async () => {
    const pod = await web(at);
    const [position, happened] = [at.kubeletLogPosition(), await at.counting()];
    await withoutApiServer(at, async () => {
      crash(pod);
      const [text = ""] = seen("in the kubelet's log", "no service account");
      for (const wanted of [text, "ErrImagePull"]) {
        const logged = () => at.kubeletLogSince(position).includes(wanted);
        await waitFor(`${wanted} in the log`, logged, { log: at.kubeletLog });
      }
      expect(runningContainer(pod)).toBeUndefined();
      expect((await happened()).runs).toBe(0);
    });
    await at.workloads.restarted(pod);
  });

  test("a public image is pulled without a login where the plugin fails, and cannot be pulled where it answers", async () => {
    cutOff(at);
    const image = await at.newImage(`${corpHost}/public/web`);
    await at.workloads.pod({ name: "answered", image, serviceAccount: "puller" });
    await at.workloads.failedPull("answered");
    await at.useNode(perPodSilent);
    await at.workloads.pod({ name: "failed", image, serviceAccount: "puller" });
    await at.workloads.running("failed");
  });
});

describeWithEndedToken("answerInOutage false, with the token ended", perPodSilent, (at, shared) => {
  test("a crashed container stays down until the cloud is back", async () => {
    const pod = await web(at);
    cutOff(at);
    crash(pod);
    await at.workloads.failedPull("web");
    at.cloud.faults.clear();
    await at.workloads.restarted(pod);
  });

  test("after a reboot with /run empty nothing starts until the cloud is back", async () => {
    const pod = await web(at);
    cutOff(at);
    await at.reboot();
    await at.workloads.failedPull("web");
    at.cloud.faults.clear();
    await at.workloads.restarted(pod);
  });

  test("NeverVerify starts it again, but the image is then open to every account", async () => {
    cutOff(at);
    const configuration = { imagePullCredentialsVerificationPolicy: "NeverVerify" };
    await at.useNode({ ...perPodSilent, configuration });
    const pod = await web(at);
    crash(pod);
    await at.workloads.restarted(pod);
    await at.workloads.serviceAccount("other/stranger");
    const stranger = { namespace: "other", serviceAccount: "stranger", pullPolicy: "IfNotPresent" } as const;
    await at.workloads.pod({ name: "stranger", image: shared.image, ...stranger });
    await at.workloads.running("stranger");
  });
});
