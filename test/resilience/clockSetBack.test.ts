import { describe, expect, test } from "bun:test";
import { instanceCorp } from "../cloud/defaultWorld.ts";
import { setClockBack } from "../support/cachedToken.ts";
import { useSimulatedNode } from "../support/simulatedNode.ts";
import { acceptedPassword, accessKey, corpEntry, IMAGE } from "./nodes.ts";

const at = useSimulatedNode({
  identity: accessKey,
  registries: [corpEntry],
  timeouts: { total: "3s", request: "1s" },
});

describe.each([2, 10, 20, 50])("a clock that was set back by %d min since the token was kept", (minutes) => {
  test("the token is renewed", async () => {
    const password = acceptedPassword(at.cloud, await at.node.pull(IMAGE));
    await setClockBack(at.node.cacheDirectory, minutes * 60_000);
    expect(acceptedPassword(at.cloud, await at.node.pull(IMAGE))).not.toBe(password);
    expect(at.node.log().at(-1)?.cache).toBe("miss");
    expect(acceptedPassword(at.cloud, await at.node.pull(IMAGE))).not.toBe(password);
    expect(at.node.log().at(-1)?.cache).toBe("hit");
  });

  test("it serves on while it cannot be renewed, for a minute at most", async () => {
    const password = acceptedPassword(at.cloud, await at.node.pull(IMAGE));
    await setClockBack(at.node.cacheDirectory, minutes * 60_000);
    at.cloud.faults.set({ operation: "GetAuthorizationToken", kind: "status", status: 503 });
    const result = await at.node.pull(IMAGE);
    expect(acceptedPassword(at.cloud, result)).toBe(password);
    expect(Number.parseInt(JSON.parse(result.stdout).cacheDuration, 10)).toBeLessThanOrEqual(60);
    expect(at.node.log().at(-1)?.cache).toBe("stale");
  });

  test("explain says that it is due", async () => {
    await at.node.pull(IMAGE);
    await setClockBack(at.node.cacheDirectory, minutes * 60_000);
    const { cache, outcome } = JSON.parse((await at.node.run(["explain", IMAGE, "--output", "json"])).stdout);
    expect({ cache, outcome }).toEqual({
      cache: expect.stringMatching(/ left, due for renewal$/),
      outcome: "wouldAsk",
    });
  });
});

describe("domains from before the clock was set back", () => {
  const CUSTOM = "images.example.com/apps/web";

  async function pullAfterSettingBack(
    fault: { kind: "error"; code: string } | { kind: "status"; status: number },
  ) {
    at.node.configure({
      identity: accessKey,
      registries: [{ instanceId: instanceCorp, regionId: "cn-hangzhou" }],
    });
    acceptedPassword(at.cloud, await at.node.pull(CUSTOM));
    await setClockBack(at.node.cacheDirectory, 20 * 60_000);
    at.cloud.faults.set({ operation: "ListInstanceEndpoint", ...fault });
    return at.node.pull(CUSTOM);
  }

  test("are not believed when the API refuses to confirm them: they may be of any age", async () => {
    const { status, stdout, stderr } = await pullAfterSettingBack({ kind: "error", code: "NoPermission" });
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain("code NoPermission");
  });

  test("serve on while the API cannot be asked", async () => {
    const result = await pullAfterSettingBack({ kind: "status", status: 503 });
    acceptedPassword(at.cloud, result);
  });
});
