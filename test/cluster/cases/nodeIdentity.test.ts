import { expect, test } from "bun:test";
import { metricNames, pluginRuns } from "../../kubelet/node/kubelet.ts";
import { authorisedRequests } from "../../kubelet/node/registry.ts";
import { type Service, waitFor } from "../../kubelet/node/service.ts";
import { endOfToken, shortLifeMs } from "../cluster/shortToken.ts";
import { corpHost } from "../cluster/surroundings.ts";
import { describeOnCluster } from "../cluster/useCluster.ts";

const pluginErrors = "kubelet_credential_provider_plugin_errors_total";
const setup = { config: { identity: { source: "ecsRamRole" } } };

describeOnCluster("with the node's identity", setup, (at) => {
  test("a Deployment of three pods runs, with no secret anywhere: one run, one token call, three authorised pulls", async () => {
    const image = await at.newImage(`${corpHost}/team/web`);
    const registry = at.registries.get(corpHost) as Service;
    const [position, happened] = [registry.position(), await at.counting()];
    await at.workloads.deployment({ name: "web", image, replicas: 3 });
    await at.workloads.running("web-", 3);

    expect(await happened()).toEqual({ runs: 1, tokenCalls: 1 });
    const tag = image.split(":")[1];
    const resolved = authorisedRequests(registry, position).filter((request) =>
      request.endsWith(`/manifests/${tag}`),
    );
    expect(resolved).toHaveLength(3);
    for (const secret of at.cloud.secrets) expect(at.kubeletLog()).not.toContain(secret);
  });

  test("the metric of failures is not there before the first one, nor when the plugin succeeds", async () => {
    await at.stopKubelet();
    await at.startKubelet();
    await at.workloads.pod({ name: "good", image: await at.newImage(`${corpHost}/team/web`) });
    await at.workloads.running("good");
    expect(await pluginRuns()).toBe(1);
    expect(await metricNames()).not.toContain(pluginErrors);
  });

  test("an image that one pod has pulled is open to all: the next one starts without run or pull", async () => {
    const image = await at.newImage(`${corpHost}/team/web`);
    await at.workloads.pod({ name: "first", image });
    await at.workloads.running("first");
    const registry = at.registries.get(corpHost) as Service;
    const [position, happened] = [registry.position(), await at.counting()];
    await at.workloads.serviceAccount("other/stranger");
    const stranger = { namespace: "other", serviceAccount: "stranger" };
    await at.workloads.pod({ name: "second", image, pullPolicy: "IfNotPresent", ...stranger });
    await at.workloads.running("second");
    expect(await happened()).toEqual({ runs: 0, tokenCalls: 0 });
    expect(authorisedRequests(registry, position)).toEqual([]);
  });

  test("30 pods of 30 images after the token's end make one token call", async () => {
    at.cloud.world.tokenLifeMs = shortLifeMs;
    await at.useNode(setup);
    await at.workloads.pod({ name: "before", image: await at.newImage(`${corpHost}/team/web`) });
    await at.workloads.running("before");
    const images = await thirtyImages();
    await endOfToken(at);
    at.cloud.world.tokenLifeMs = undefined;

    const happened = await at.counting();
    await makePods(images);
    await at.workloads.running("many-", 30);
    expect((await happened()).tokenCalls).toBe(1);
  });

  test("30 pods that wait for a kubelet to start make one token call", async () => {
    await at.stopKubelet();
    const calls = at.cloud.calls("GetAuthorizationToken").length;
    await makePods(await thirtyImages());
    await waitFor("30 pods of the node", async () => {
      const path = "/api/v1/namespaces/apps/pods?fieldSelector=spec.nodeName=node1";
      return (await at.controlPlane.api.request<{ items: object[] }>("GET", path)).items.length === 30;
    });
    await at.useNode(setup);
    await at.workloads.running("many-", 30);
    expect(at.cloud.calls("GetAuthorizationToken")).toHaveLength(calls + 1);
  });

  const thirtyImages = () =>
    Promise.all(Array.from({ length: 30 }, (_, index) => at.newImage(`${corpHost}/team/app${index}`)));

  const makePods = (images: readonly string[]) =>
    Promise.all(images.map((image, index) => at.workloads.pod({ name: `many-${index}`, image })));
});
