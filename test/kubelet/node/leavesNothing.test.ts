import { beforeEach, describe, expect, test } from "bun:test";
import { enclose, removeAbandonedCgroups } from "./enclosure.ts";
import { type MachineState, machineState } from "./machineState.ts";
import { waitFor } from "./service.ts";

const idleNode = [process.execPath, `${import.meta.dir}/idleNode.ts`];

describe.skipIf(!process.env.ACR_TEST_KUBELET)("a node leaves nothing behind", () => {
  let before: MachineState;
  beforeEach(() => {
    before = machineState();
  });

  /** What there is now and was not before, or the other way round. */
  function changes(): string[] {
    const now = machineState();
    return Object.entries(now).flatMap(([kind, entries]) => {
      const earlier: readonly string[] = before[kind as keyof MachineState];
      const more = entries.filter((entry: string) => !earlier.includes(entry));
      // Namespaces that others have left meanwhile are none of ours.
      const fewer = kind === "namespaces" ? [] : earlier.filter((entry) => !entries.includes(entry));
      return [
        ...more.map((entry: string) => `${kind}: now ${entry}`),
        ...fewer.map((entry) => `${kind}: was ${entry}`),
      ];
    });
  }

  test("when it ends by itself", async () => {
    const enclosure = enclose([...idleNode, "--end"], { stdout: "pipe" });
    expect(await enclosure.ended()).toBe(0);
    expect(changes()).toEqual([]);
  });

  test("when its first process is killed", async () => {
    const enclosure = enclose(idleNode, { stdout: "pipe" });
    await running(enclosure.process.stdout as ReadableStream<Uint8Array>);
    expect(changes()).not.toEqual([]);
    enclosure.process.kill("SIGKILL");
    await enclosure.ended();
    expect(changes()).toEqual([]);
  });

  test("when whoever started it is killed, once the next one has started", async () => {
    const starter = Bun.spawn([process.execPath, `${import.meta.dir}/encloseIdleNode.ts`], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await running(starter.stdout);
    starter.kill("SIGKILL");
    await starter.exited;
    await waitFor(
      "end of all its processes",
      () => machineState().processes.length === before.processes.length,
    );
    await removeAbandonedCgroups();
    expect(changes()).toEqual([]);
  });
});

async function running(stdout: ReadableStream<Uint8Array>): Promise<void> {
  let said = "";
  for await (const chunk of stdout) {
    said += new TextDecoder().decode(chunk);
    if (said.includes("running")) return;
  }
  throw new Error("the node did not start");
}
