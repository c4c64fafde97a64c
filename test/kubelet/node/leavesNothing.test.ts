import { expect, test } from "bun:test";
import { describeLeavesNothing } from "./describeLeavesNothing.ts";
import { removeAbandonedCgroups } from "./enclosure.ts";
import { changesSince, machineState } from "./machineState.ts";
import { waitFor, waitForLine } from "./service.ts";

describeLeavesNothing("a node leaves nothing behind", `${import.meta.dir}/idleNode.ts`, (before) => {
  test("when whoever started it is killed, once the next one has started", async () => {
    const starter = Bun.spawn([process.execPath, `${import.meta.dir}/encloseIdleNode.ts`], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await waitForLine(starter.stdout, "running");
    starter.kill("SIGKILL");
    await starter.exited;
    await waitFor(
      "end of all its processes",
      () => machineState().processes.length === before().processes.length,
    );
    await removeAbandonedCgroups();
    expect(changesSince(before())).toEqual([]);
  });
});
