import { expect, test } from "bun:test";
import { oidcProvider, roleAnyPod } from "../../cloud/defaultWorld.ts";
import { seen } from "../../documents/support/markedBlocks.ts";
import { pluginRuns } from "../../kubelet/node/kubelet.ts";
import { waitFor } from "../../kubelet/node/service.ts";
import { crash, runningContainer } from "../cluster/containers.ts";
import type { PodSeen } from "../cluster/pods.ts";
import { corpHost } from "../cluster/surroundings.ts";
import { describeOnCluster, type InCluster } from "../cluster/useCluster.ts";
import type { NodeSetup } from "../cluster/workerNode.ts";

/** Of registry tokens, in milliseconds: short enough to wait for their end. */
const shortLifeMs = 8_000;

const nodeIdentity: NodeSetup = { config: { identity: { source: "ecsRamRole" } } };
const identity = { source: "serviceAccountToken", oidcProviderArn: oidcProvider, roleArn: roleAnyPod };
const perPod: NodeSetup = { config: { identity } };
const perPodSilent: NodeSetup = { config: { identity, answerInOutage: false } };

/** The pod `web` of the account `puller`, which runs an image that is on the node, with a token that has ended. */
async function runWithEndedToken(at: InCluster, setup: NodeSetup): Promise<{ pod: PodSeen; image: string }> {
  at.cloud.world.tokenLifeMs = shortLifeMs;
  await at.useNode(setup);
  await at.workloads.serviceAccount("puller");
  const image = await at.newImage(`${corpHost}/team/web`);
  const wanted = { name: "web", image, serviceAccount: "puller", pullPolicy: "IfNotPresent" } as const;
  await at.workloads.pod(wanted);
  const [pod] = await at.workloads.running("web");
  const { username = "", password = "" } = at.cloud.issuedTokens.at(-1) ?? {};
  await waitFor("end of the token", () => at.cloud.acceptsRegistryLogin(username, password) === undefined);
  return { pod: pod as PodSeen, image };
}

/** Nothing of Alibaba Cloud can be reached, until the end of the test. */
const cutOff = (at: InCluster) => at.cloud.faults.set({ operation: "*", kind: "reset" });

describeOnCluster("with the cloud unreachable and the token ended", undefined, (at) => {
  test("the node's identity: a crashed container starts again without a run", async () => {
    const { pod } = await runWithEndedToken(at, nodeIdentity);
    cutOff(at);
    const happened = await at.counting();
    crash(pod);
    await at.workloads.restarted("web", 1);
    expect((await happened()).runs).toBe(0);
  });

  test("the node's identity: after a reboot with /run empty what is on the node starts without a run", async () => {
    await runWithEndedToken(at, nodeIdentity);
    cutOff(at);
    await at.reboot();
    await at.workloads.restarted("web", 1);
    expect(await pluginRuns()).toBe(0);
  });

  test("a pod's own identity: a crashed container starts again with what the plugin answers in an outage", async () => {
    const { pod } = await runWithEndedToken(at, perPod);
    cutOff(at);
    const happened = await at.counting();
    crash(pod);
    await at.workloads.restarted("web", 1);
    expect((await happened()).runs).toBe(1);
  });

  test("a pod's own identity: after a reboot with /run empty what was verified for its account starts", async () => {
    await runWithEndedToken(at, perPod);
    cutOff(at);
    await at.reboot();
    await at.workloads.restarted("web", 1);
    expect(await pluginRuns()).toBeGreaterThan(0);
  });

  test("answerInOutage false: a crashed container stays down until the cloud is back", async () => {
    const { pod } = await runWithEndedToken(at, perPodSilent);
    cutOff(at);
    crash(pod);
    await at.workloads.failedPull("web");
    at.cloud.faults.clear();
    await at.workloads.restarted("web", 1);
  });

  test("answerInOutage false: after a reboot with /run empty nothing starts until the cloud is back", async () => {
    await runWithEndedToken(at, perPodSilent);
    cutOff(at);
    await at.reboot();
    await at.workloads.failedPull("web");
    at.cloud.faults.clear();
    await at.workloads.restarted("web", 1);
  });

  test("answerInOutage false: NeverVerify starts it again, but the image is then open to every account", async () => {
    const configuration = { imagePullCredentialsVerificationPolicy: "NeverVerify" };
    const { pod, image } = await runWithEndedToken(at, { ...perPodSilent, configuration });
    cutOff(at);
    crash(pod);
    await at.workloads.restarted("web", 1);
    await at.workloads.serviceAccount("other/stranger");
    const stranger = { namespace: "other", serviceAccount: "stranger", pullPolicy: "IfNotPresent" } as const;
    await at.workloads.pod({ name: "stranger", image, ...stranger });
    await at.workloads.running("stranger");
  });

  test("what has to be pulled fails: another account, an absent image, and Always; the registry sees who could not be reached", async () => {
    const { image } = await runWithEndedToken(at, perPod);
    cutOff(at);
    const before = at.tokenServer.exchanges.length;
    await at.workloads.serviceAccount("second");
    const second = { serviceAccount: "second", pullPolicy: "IfNotPresent" } as const;
    await at.workloads.pod({ name: "account", image, ...second });
    const absent = await at.newImage(`${corpHost}/team/web`);
    await at.workloads.pod({ name: "absent", image: absent, serviceAccount: "puller" });
    await at.workloads.pod({ name: "always", image, serviceAccount: "puller" });
    for (const name of ["account", "absent", "always"]) await at.workloads.failedPull(name);
    const outcomes = at.tokenServer.exchanges.slice(before).map(({ outcome }) => outcome);
    expect(new Set(outcomes)).toEqual(new Set(["login refused"]));
    expect(at.tokenServer.exchanges.slice(before).map(({ username }) => username)).toContain(
      "alibaba-cloud-cannot-be-reached",
    );
  });

  test("a public image is pulled without a login where the plugin fails, and cannot be pulled where it answers", async () => {
    await runWithEndedToken(at, perPod);
    cutOff(at);
    const image = await at.newImage(`${corpHost}/public/web`);
    await at.workloads.pod({ name: "answered", image, serviceAccount: "puller" });
    await at.workloads.failedPull("answered");
    await at.useNode(perPodSilent);
    await at.workloads.pod({ name: "failed", image, serviceAccount: "puller" });
    await at.workloads.running("failed");
  });
});

describeOnCluster("with the API server away and the token ended", undefined, (at) => {
  const without = async (steps: () => Promise<void>) => {
    await at.controlPlane.stop();
    try {
      await steps();
    } finally {
      await at.controlPlane.start();
    }
  };

  test("the node's identity: a crashed container starts again without a run", async () => {
    const { pod } = await runWithEndedToken(at, nodeIdentity);
    const happened = await at.counting();
    await without(async () => {
      crash(pod);
      await waitFor("new container", () => ![undefined, pod.containerId].includes(runningContainer(pod)));
    });
    expect((await happened()).runs).toBe(0);
  });

  test("a pod's own identity: a crashed container stays down, and the plugin is not run, until the API server is back", async () => {
    const { pod } = await runWithEndedToken(at, perPod);
    const [position, happened] = [at.kubeletLogPosition(), await at.counting()];
    await without(async () => {
      crash(pod);
      const [text = ""] = seen("in the kubelet's log", "no service account");
      await waitFor("line in the log", () => at.kubeletLogSince(position).includes(text), {
        log: at.kubeletLog,
      });
      await waitFor("failed pull", () => at.kubeletLogSince(position).includes("ErrImagePull"), {
        log: at.kubeletLog,
      });
      expect(runningContainer(pod)).toBeUndefined();
      expect((await happened()).runs).toBe(0);
    });
    await at.workloads.restarted("web", 1);
  });
});
