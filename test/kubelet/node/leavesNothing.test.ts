import { beforeEach, describe, expect, test } from "bun:test";
import { enclose, removeAbandonedCgroups } from "./enclosure.ts";
import { changesSince, type MachineState, machineState } from "./machineState.ts";
import { waitFor, waitForLine } from "./service.ts";

const idleNode = [process.execPath, `${import.meta.dir}/idleNode.ts`];

describe.skipIf(!process.env.ACR_TEST_KUBELET)("a node leaves nothing behind", () => {
  let before: MachineState;
  beforeEach(() => {
    before = machineState();
  });

  test("when it ends by itself", async () => {
    const enclosure = enclose([...idleNode, "--end"], { stdout: "pipe" });
    expect(await enclosure.ended()).toBe(0);
    expect(changesSince(before)).toEqual([]);
  });

  test("when its first process is killed", async () => {
    const enclosure = enclose(idleNode, { stdout: "pipe" });
    await waitForLine(enclosure.process.stdout as ReadableStream<Uint8Array>, "running");
    expect(changesSince(before)).not.toEqual([]);
    enclosure.process.kill("SIGKILL");
    await enclosure.ended();
    expect(changesSince(before)).toEqual([]);
  });

  test("when whoever started it is killed, once the next one has started", async () => {
    const starter = Bun.spawn([process.execPath, `${import.meta.dir}/encloseIdleNode.ts`], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await waitForLine(starter.stdout, "running");
    starter.kill("SIGKILL");
    await starter.exited;
    await waitFor(
      "end of all its processes",
      () => machineState().processes.length === before.processes.length,
    );
    await removeAbandonedCgroups();
    expect(changesSince(before)).toEqual([]);
  });
});
