import { beforeEach, describe, expect, test } from "bun:test";
import { enclose } from "./enclosure.ts";
import { changesSince, type MachineState, machineState } from "./machineState.ts";
import { waitForLine } from "./service.ts";

/**
 * Tests that a program leaves nothing on the machine when it ends in an enclosure, however it ends.
 * @param program a script that says `running` when all is there and then waits, or ends if its argument is `--end`.
 * @param more further tests, with what was there before each of them.
 */
export function describeLeavesNothing(
  title: string,
  program: string,
  more?: (before: () => MachineState) => void,
): void {
  const command = [process.execPath, program];
  describe.skipIf(!process.env.ACR_TEST_KUBELET)(title, () => {
    let before: MachineState;
    beforeEach(() => {
      before = machineState();
    });

    test("when it ends by itself", async () => {
      const enclosure = enclose([...command, "--end"], { stdout: "pipe" });
      expect(await enclosure.ended()).toBe(0);
      expect(changesSince(before)).toEqual([]);
    });

    test("when its first process is killed", async () => {
      const enclosure = enclose(command, { stdout: "pipe" });
      await waitForLine(enclosure.process.stdout as ReadableStream<Uint8Array>, "running");
      expect(changesSince(before)).not.toEqual([]);
      enclosure.process.kill("SIGKILL");
      await enclosure.ended();
      expect(changesSince(before)).toEqual([]);
    });

    more?.(() => before);
  });
}
