import { expect, test } from "bun:test";
import { instanceCorp } from "../../cloud/defaultWorld.ts";
import { corp, describeForEachRelease, instanceOf, personal, startNode } from "../support/nodeWithKubelet.ts";

describeForEachRelease("answers", (release) => {
  test.each([["v1"], ["v1beta1"], ["v1alpha1"]])(
    "the kubelet's strict decoder takes every answer in %s",
    async (version) => {
      const provider = {
        apiVersion: `credentialprovider.kubelet.k8s.io/${version}`,
        matchImages: [corp, personal, "images.example.com", "images.example.org"],
      };
      const { cloud, kubelet } = await startNode(release, { provider });
      const { results, plugin } = await kubelet.look([
        `${corp}/team/web:1`,
        `${personal}/team/web:1`,
        "images.example.org/team/web:1",
      ]);
      expect(results.map((result) => instanceOf(cloud, result))).toEqual([instanceCorp, "", undefined]);
      expect(plugin).toMatchObject({ execs: 3, errors: 0 });
      expect(kubelet.log()).not.toMatch(/error (decoding|reading)|did not (match|return)/);
    },
  );

  test("credentials for a custom domain have the domain as their key", async () => {
    const { cloud, kubelet } = await startNode(release, {
      config: {
        registries: [{ instanceId: instanceCorp, regionId: "cn-hangzhou", domains: ["images.example.com"] }],
      },
      provider: { matchImages: ["images.example.com"] },
    });
    const { results } = await kubelet.look(["images.example.com/web:1", "images.example.com/team/worker"]);
    expect(results.map((result) => instanceOf(cloud, result))).toEqual([instanceCorp, instanceCorp]);
  });

  test("a kubelet with neither HOME nor PATH in its environment gets its answer", async () => {
    const { cloud, kubelet } = await startNode(release, { provider: { env: [{ name: "PATH", value: "" }] } });
    const { results } = await kubelet.look([`${corp}/team/web:1`]);
    expect(instanceOf(cloud, results[0])).toBe(instanceCorp);
  });
});
