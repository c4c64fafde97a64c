import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { releases } from "../setup/releases.ts";
import { kubeadmNode } from "./nodeFiles.ts";
import { bootNode, type SystemdNode } from "./systemdNode.ts";

const KILLS = 200;
const [release] = releases;

describe.skipIf(!process.env.ACR_TEST_KUBELET)(
  `node install killed under systemd, kubelet ${release?.version}`,
  () => {
    let node: SystemdNode;
    beforeAll(async () => {
      node = await bootNode(kubeadmNode(release as NonNullable<typeof release>));
      await node.run("systemctl", "start", "kubelet");
      expect(await node.isHealthy(60)).toBe(true);
    });
    afterAll(() => node.stop());

    test(`${KILLS} times, and each time the kubelet starts; a repeated run finishes`, async () => {
      let command: "install" | "uninstall" = "install";
      const finished = { install: 0, uninstall: 0 };
      for (let run = 0, kills = 0; kills < KILLS; run++) {
        // From its very start into its waiting for the kubelet.
        const seconds = (0.03 + ((run * 0.037) % 1.1)).toFixed(3);
        const killed = await node.run(
          "timeout",
          "-s",
          "KILL",
          seconds,
          "/root/aliyun-acr-credential-provider",
          "node",
          command,
        );
        const wasKilled = killed.status === 137;
        if (wasKilled) kills++;
        expect({ run, seconds, starts: await node.survivesRestart("kubelet") }).toEqual({
          run,
          seconds,
          starts: true,
        });
        if (wasKilled && run % 4 !== 3) continue;
        const { status, stderr } = await node.acr("node", command);
        expect({ run, status, stderr }).toEqual({ run, status: 0, stderr: "" });
        const state = JSON.parse((await node.acr("node", "status", "--output", "json")).stdout);
        expect(state).toMatchObject({
          isUnfinished: false,
          isInstalled: command === "install",
          isRunning: command === "install",
        });
        finished[command]++;
        command = command === "install" ? "uninstall" : "install";
      }
      expect(Math.min(finished.install, finished.uninstall)).toBeGreaterThan(10);
    }, 1_800_000);
  },
);
