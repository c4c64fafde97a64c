import { beforeEach, describe, expect, test } from "bun:test";
import { enclose } from "../kubelet/node/enclosure.ts";
import { changesSince, type MachineState, machineState } from "../kubelet/node/machineState.ts";
import { waitForLine } from "../kubelet/node/service.ts";

const idleCluster = [process.execPath, `${import.meta.dir}/cluster/idleCluster.ts`];

describe.skipIf(!process.env.ACR_TEST_KUBELET)("a cluster leaves nothing behind", () => {
  let before: MachineState;
  beforeEach(() => {
    before = machineState();
  });

  test("when it ends by itself", async () => {
    const enclosure = enclose([...idleCluster, "--end"], { stdout: "pipe" });
    expect(await enclosure.ended()).toBe(0);
    expect(changesSince(before)).toEqual([]);
  });

  test("when its first process is killed", async () => {
    const enclosure = enclose(idleCluster, { stdout: "pipe" });
    await waitForLine(enclosure.process.stdout as ReadableStream<Uint8Array>, "running");
    expect(changesSince(before)).not.toEqual([]);
    enclosure.process.kill("SIGKILL");
    await enclosure.ended();
    expect(changesSince(before)).toEqual([]);
  });
});
