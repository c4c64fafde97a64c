import { expect, test } from "bun:test";
import { instanceCorp, keyA, roleAcrForAccountA } from "../cloud/defaultWorld.ts";
import type { Check } from "../support/doctor.ts";
import { useSimulatedNode } from "../support/simulatedNode.ts";

const at = useSimulatedNode();

test("whatever hangs, every group ends within its time and says what hung", async () => {
  const silent = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const host = `127.0.0.1:${silent.port}`;
  at.cloud.faults.set({ operation: "*", kind: "hang" });
  at.node.configure({
    identity: { source: "ecsRamRole" },
    registries: [
      { instanceId: instanceCorp, domains: [host] },
      {
        regionId: "cn-hangzhou",
        identity: {
          source: "accessKey",
          accessKeyId: keyA.id,
          accessKeySecret: keyA.secret,
          assumeRoles: [{ roleArn: roleAcrForAccountA }],
        },
      },
    ],
    timeouts: { total: "3s", request: "1s" },
  });
  const { stdout, ms } = await at.node.run(["doctor", `${host}/team/web:1`, "--output", "json"]);
  silent.stop(true);
  const { checks } = JSON.parse(stdout) as { checks: Check[] };
  // Five times timeouts.total (the group network waits for the images and then has its own), and a second for starting.
  expect(ms).toBeLessThan(5 * 3000 + 1000);
  for (const group of ["network", "identity", "instances", "images"]) {
    const own = checks.filter((check) => check.group === group);
    expect(own.some(({ status }) => status === "failed")).toBe(true);
    expect(own.filter(({ found }) => found.includes("a step that ignored its limit"))).toEqual([]);
  }
  const reached = checks.filter(
    ({ group, id, status }) => group === "network" && id !== "proxy" && status === "ok",
  );
  expect(reached).toEqual([]);
});
