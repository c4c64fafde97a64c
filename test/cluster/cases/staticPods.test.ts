import { expect, test } from "bun:test";
import { oidcProvider, rolePodPuller } from "../../cloud/defaultWorld.ts";
import { addPod } from "../../kubelet/node/kubelet.ts";
import { authorisedRequests } from "../../kubelet/node/registry.ts";
import type { Service } from "../../kubelet/node/service.ts";
import { corpHost } from "../cluster/surroundings.ts";
import { describeOnCluster } from "../cluster/useCluster.ts";

const identity = { source: "serviceAccountToken", oidcProviderArn: oidcProvider, roleArn: rolePodPuller };
const withFallback = { config: { identity: { ...identity, fallback: { source: "ecsRamRole" } } } };

describeOnCluster("static pods without identity.fallback", { config: { identity } }, (at) => {
  test("a static pod's image is pulled without credentials, and the plugin is not run", async () => {
    const happened = await at.counting();
    addPod("static", await at.newImage(`${corpHost}/team/web`));
    await at.workloads.failedPull("static");
    expect(await happened()).toEqual({ runs: 0, tokenCalls: 0 });
  });

  test("with requireServiceAccount false the plugin is run, and says that there is no token", async () => {
    await at.useNode({
      config: { identity },
      kubelet: { tokenAttributes: { requireServiceAccount: false } },
    });
    const position = at.kubeletLogPosition();
    addPod("static", await at.newImage(`${corpHost}/team/web`));
    await at.workloads.failedPull("static");
    expect(at.kubeletLogSince(position)).toContain("ServiceAccountTokenMissing");
  });
});

describeOnCluster("static pods with identity.fallback", withFallback, (at) => {
  test("a static pod runs, and its image is open to a pod whose account RAM refuses", async () => {
    const image = await at.newImage(`${corpHost}/team/web`);
    await at.workloads.serviceAccount("web");
    await at.workloads.pod({ name: "before", image, serviceAccount: "web", pullPolicy: "IfNotPresent" });
    await at.workloads.failedPull("before");
    addPod("static", image);
    await at.workloads.running("static");

    const registry = at.registries.get(corpHost) as Service;
    const position = registry.position();
    await at.workloads.pod({ name: "after", image, serviceAccount: "web", pullPolicy: "IfNotPresent" });
    await at.workloads.running("after");
    expect(authorisedRequests(registry, position)).toEqual([]);
  });

  test("imagePullCredentialsVerificationPolicy AlwaysVerify does not change that; imagePullPolicy Always does", async () => {
    const configuration = { imagePullCredentialsVerificationPolicy: "AlwaysVerify" };
    await at.useNode({ ...withFallback, configuration });
    const image = await at.newImage(`${corpHost}/team/web`);
    await at.workloads.serviceAccount("web");
    addPod("static", image);
    await at.workloads.running("static");
    await at.workloads.pod({ name: "present", image, serviceAccount: "web", pullPolicy: "IfNotPresent" });
    await at.workloads.running("present");
    await at.workloads.pod({ name: "always", image, serviceAccount: "web" });
    await at.workloads.failedPull("always");
  });
});
