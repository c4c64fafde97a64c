import { describe, expect, test } from "bun:test";
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
});
