import { expect, test } from "bun:test";
import { instanceCorp } from "../../cloud/defaultWorld.ts";
import { corp, describeForEachRelease, instanceOf, startNode } from "../support/nodeWithKubelet.ts";

/** The kubelet's own limit for a plugin, `ExecPlugin` in its pkg/credentialprovider/plugin/plugin.go. */
const kubeletLimitMs = 60_000;

describeForEachRelease("time", (release) => {
  test("30 images of one registry asked at once are 30 processes and one token", async () => {
    const { cloud, kubelet } = await startNode(release);
    // Long enough that all have started before the kubelet has an answer to keep.
    cloud.faults.set({ operation: "GetAuthorizationToken", kind: "delay", ms: 2_000 });
    const images = Array.from({ length: 30 }, (_, number) => `${corp}/team/app-${number}:1`);
    const { results, plugin } = await kubelet.look(images);
    expect(plugin).toMatchObject({ execs: 30, errors: 0 });
    expect(results.map((result) => instanceOf(cloud, result))).toEqual(images.map(() => instanceCorp));
    expect(cloud.issuedTokens).toHaveLength(1);
    expect(Math.max(...results.map(({ milliseconds }) => milliseconds))).toBeLessThan(kubeletLimitMs / 2);
  });

  test.each([
    ["the ACR API", "GetAuthorizationToken"],
    ["the metadata service", "MetadataToken"],
    ["everything", "*"],
  ] as const)(
    "when %s never answers, the plugin says so long before the kubelet's limit",
    async (_, operation) => {
      const { cloud, kubelet } = await startNode(release);
      cloud.faults.set({ operation, kind: "hang" });
      const { results, plugin } = await kubelet.look([`${corp}/team/web:1`]);
      expect(results[0]?.found).toBe(false);
      expect(results[0]?.milliseconds).toBeLessThan(kubeletLimitMs / 2);
      expect(plugin).toMatchObject({ execs: 1, errors: 1 });
      expect(kubelet.log()).toContain("exit status 1: ");
      expect(kubelet.log()).not.toContain("context deadline exceeded");
    },
  );
});
