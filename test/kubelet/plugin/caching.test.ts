import { expect, test } from "bun:test";
import { instanceCorp } from "../../cloud/defaultWorld.ts";
import { corp, describeForEachRelease, instanceOf, personal, startNode } from "../support/nodeWithKubelet.ts";

describeForEachRelease("caching", (release) => {
  test("one answer serves every repository of a host and no other host", async () => {
    const { cloud, kubelet } = await startNode(release);
    const first = await kubelet.look([`${corp}/team/web:1`]);
    expect(instanceOf(cloud, first.results[0])).toBe(instanceCorp);
    expect(first.plugin).toMatchObject({ execs: 1, errors: 0 });

    const sameHost = await kubelet.look([`${corp}/team/worker@sha256:${"0".repeat(64)}`, `${corp}/batch`]);
    expect(sameHost.results.map((result) => instanceOf(cloud, result))).toEqual([instanceCorp, instanceCorp]);
    expect(sameHost.plugin.execs).toBe(1);

    const otherHost = await kubelet.look([`${personal}/team/web:1`]);
    expect(instanceOf(cloud, otherHost.results[0])).toBe("");
    expect(otherHost.plugin.execs).toBe(2);
  });

  test("an answer is forgotten after its cacheDuration, and the next one has a new token", async () => {
    // Half of this is what the plugin lets the kubelet keep it for.
    const { cloud, kubelet } = await startNode(release, { cloud: { tokenLifeMs: 8_000 } });
    const look = async () => (await kubelet.look([`${corp}/team/web:1`])).plugin.execs;
    expect(await look()).toBe(1);
    expect(await look()).toBe(1);
    expect(cloud.issuedTokens).toHaveLength(1);

    await Bun.sleep(4_500);
    expect(await look()).toBe(2);
    expect(cloud.issuedTokens).toHaveLength(2);
  });

  test("the answer that a host is not ours is not cached", async () => {
    const { cloud, kubelet } = await startNode(release, { provider: { matchImages: ["*.example.org"] } });
    for (const execs of [1, 2]) {
      const { results, plugin } = await kubelet.look(["images.example.org/team/web:1"]);
      expect(results[0]?.found).toBe(false);
      expect(plugin).toMatchObject({ execs, errors: 0 });
    }
    expect(cloud.requests).toEqual([]);
    expect(kubelet.log()).not.toContain("Fail");
  });

  test.each([
    ["an outage", { kind: "status", status: 503 }, 0],
    // The plugin itself asks again for what was refused after three seconds only.
    ["a refusal", { kind: "error", code: "NoPermission", status: 403 }, 3_000],
  ] as const)(
    "%s is not cached: the plugin is run again and finds the cloud as it is then",
    async (_, fault, wait) => {
      const { cloud, kubelet } = await startNode(release);
      cloud.faults.set({ operation: "GetAuthorizationToken", ...fault });
      const failed = await kubelet.look([`${corp}/team/web:1`]);
      expect(failed.results[0]?.found).toBe(false);
      expect(failed.plugin).toMatchObject({ execs: 1, errors: 1 });

      cloud.faults.clear();
      await Bun.sleep(wait);
      const retried = await kubelet.look([`${corp}/team/web:1`]);
      expect(instanceOf(cloud, retried.results[0])).toBe(instanceCorp);
      expect(retried.plugin).toMatchObject({ execs: 2, errors: 1 });
    },
  );
});
