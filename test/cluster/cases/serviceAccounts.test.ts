import { expect, test } from "bun:test";
import {
  accountA,
  instanceShared,
  oidcProvider,
  roleAcr,
  roleAssume,
  rolePodPuller,
} from "../../cloud/defaultWorld.ts";
import { roleArn } from "../../cloud/model/arn.ts";
import { seen } from "../../documents/support/markedBlocks.ts";
import { metricNames, pluginRuns } from "../../kubelet/node/kubelet.ts";
import { authorisedRequests } from "../../kubelet/node/registry.ts";
import { type Service, waitFor } from "../../kubelet/node/service.ts";
import { allowAudience } from "../cluster/audience.ts";
import { corpHost } from "../cluster/surroundings.ts";
import { describeOnCluster } from "../cluster/useCluster.ts";

const roleName = "pod-identity.alibabacloud.com/role-name";
const anyPod = { [roleName]: "any-pod" };
const pluginErrors = "kubelet_credential_provider_plugin_errors_total";

const setup = {
  config: {
    identity: { source: "serviceAccountToken", oidcProviderArn: oidcProvider, roleArn: rolePodPuller },
    serviceAccountAnnotations: { enabled: true },
  },
};

describeOnCluster("with each pod's own identity", setup, (at) => {
  const corp = () => at.registries.get(corpHost) as Service;

  test("the account that the role admits runs; the other one's event has the registry's refusal, the kubelet's log the reason of RAM", async () => {
    const image = await at.newImage(`${corpHost}/team/web`);
    const position = at.kubeletLogPosition();
    await at.workloads.serviceAccount("puller");
    await at.workloads.serviceAccount("web");
    await at.workloads.pod({ name: "admitted", image, serviceAccount: "puller" });
    await at.workloads.pod({ name: "refused", image, serviceAccount: "web" });
    await at.workloads.running("admitted");
    await at.workloads.failedPull("refused");

    const event = await waitFor("event", async () => {
      const found = await at.workloads.events("refused", "Failed");
      return found.find((message) => message.includes(image));
    });
    for (const text of seen("in the pod's event", "pulled without credentials"))
      expect(event).toContain(text);
    const [searched = ""] = seen("in the kubelet's log", "the plugin failed");
    const lines = at.kubeletLogSince(position).split("\n");
    const line = lines.find((each) => each.includes(searched));
    expect(line).toContain("failed to get credential from external registry credential provider: ");
    for (const part of ["AuthenticationFail.NoPermission", "apps/web", rolePodPuller])
      expect(line).toContain(part);
    expect(await metricNames()).toContain(pluginErrors);
    for (const secret of at.cloud.secrets) expect(at.kubeletLog()).not.toContain(secret);
  });

  test("two accounts that name two roles pull, each as its own role; a third that names a role which does not admit it is told so", async () => {
    const image = await at.newImage(`${corpHost}/team/web`);
    const position = at.kubeletLogPosition();
    await at.workloads.serviceAccount("puller", { [roleName]: "pod-puller" });
    await at.workloads.serviceAccount("worker", anyPod);
    await at.workloads.serviceAccount("thief", { [roleName]: "pod-puller" });
    for (const [serviceAccount, role] of [
      ["puller", "pod-puller"],
      ["worker", "any-pod"],
    ] as const) {
      await at.workloads.pod({ name: serviceAccount, image, serviceAccount });
      await at.workloads.running(serviceAccount);
      expect(at.cloud.issuedTokens.at(-1)?.callerArn).toContain(role);
    }
    await at.workloads.pod({ name: "thief", image, serviceAccount: "thief" });
    await at.workloads.failedPull("thief");
    expect(at.kubeletLogSince(position)).toContain("AuthenticationFail.NoPermission");
  });

  test("annotations with instance and roles lead to an instance of another account", async () => {
    await at.workloads.serviceAccount("far", {
      "k8s.aliyun.com/acr-instance-ids": `cn-hangzhou:${instanceShared}`,
      "k8s.aliyun.com/acr-service-arns": `${roleArn(accountA, "any-pod")},${roleAssume}`,
      "k8s.aliyun.com/acr-user-arns": roleAcr,
    });
    const image = await at.newImage("shared-registry.cn-hangzhou.cr.aliyuncs.com/team/web");
    await at.workloads.pod({ name: "far", image, serviceAccount: "far" });
    await at.workloads.running("far");
    expect(at.cloud.issuedTokens.at(-1)?.instanceId).toBe(instanceShared);
    expect(at.cloud.issuedTokens.at(-1)?.callerArn).toContain("role-acr");
  });

  test("an annotation that is malformed refuses the pull, and the kubelet's log says so", async () => {
    const position = at.kubeletLogPosition();
    await at.workloads.serviceAccount("odd", {
      ...anyPod,
      "k8s.aliyun.com/acr-instance-ids": "not an instance",
    });
    await at.workloads.pod({
      name: "odd",
      image: await at.newImage(`${corpHost}/team/web`),
      serviceAccount: "odd",
    });
    await at.workloads.failedPull("odd");
    expect(at.kubeletLogSince(position)).toContain("AccessDeniedAnnotation");
  });

  test("without the documented RBAC the API server refuses the token, the plugin is not run and no failure counted; with it a pod runs", async () => {
    await at.stopKubelet();
    await allowAudience(at.controlPlane, false);
    try {
      await at.startKubelet();
      const position = at.kubeletLogPosition();
      const image = await at.newImage(`${corpHost}/team/web`);
      await at.workloads.serviceAccount("worker", anyPod);
      await at.workloads.pod({ name: "worker", image, serviceAccount: "worker" });
      await at.workloads.failedPull("worker");
      const said = at.kubeletLogSince(position);
      for (const text of seen("in the kubelet's log", "no service account token"))
        expect(said).toContain(text);
      expect(said).toContain("is not authorized to request tokens for");
      expect(await pluginRuns()).toBe(0);
      expect(await metricNames()).not.toContain(pluginErrors);
      await allowAudience(at.controlPlane, true);
      // Another pod: the kubelet waits ten seconds before it tries to pull for the first one again.
      await at.workloads.pod({ name: "allowed", image, serviceAccount: "worker" });
      await at.workloads.running("allowed");
    } finally {
      await allowAudience(at.controlPlane, true);
    }
  });

  test("an image on the node: the same account starts it at once, another one and one made anew have to authenticate", async () => {
    const image = await at.newImage(`${corpHost}/team/web`);
    await at.workloads.serviceAccount("owner", anyPod);
    await at.workloads.serviceAccount("second", anyPod);
    await at.workloads.serviceAccount("web");
    const start = async (name: string, serviceAccount: string) => {
      const [position, happened] = [corp().position(), await at.counting()];
      await at.workloads.pod({ name, image, serviceAccount, pullPolicy: "IfNotPresent" });
      await at.workloads.running(name);
      const pulled = authorisedRequests(corp(), position).some((request) => request.includes("/manifests/"));
      return { runs: (await happened()).runs, pulled };
    };
    expect(await start("first", "owner")).toEqual({ runs: 1, pulled: true });
    expect(await start("same", "owner")).toEqual({ runs: 0, pulled: false });
    expect(await start("another", "second")).toEqual({ runs: 1, pulled: true });
    await at.workloads.serviceAccount("owner", anyPod);
    expect(await start("remade", "owner")).toEqual({ runs: 1, pulled: true });
    await at.workloads.pod({ name: "refused", image, serviceAccount: "web", pullPolicy: "IfNotPresent" });
    await at.workloads.failedPull("refused");
  });

  test("ten accounts at once make ten token calls", async () => {
    const image = await at.newImage(`${corpHost}/team/web`);
    const accounts = Array.from({ length: 10 }, (_, index) => `account-${index}`);
    for (const account of accounts) await at.workloads.serviceAccount(account, anyPod);
    const happened = await at.counting();
    await Promise.all(accounts.map((name) => at.workloads.pod({ name, image, serviceAccount: name })));
    await at.workloads.running("account-", 10);
    expect(await happened()).toEqual({ runs: 10, tokenCalls: 10 });
  });
});
