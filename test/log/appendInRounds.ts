import { appendToLog } from "../../src/log/logFile.ts";

/** One of the processes of `logFile.test.ts`: in each round it appends a line to that round's log, at the same moment as the others. */
const [file = "", rounds = "", firstAt = "", stepMs = ""] = process.argv.slice(2);
for (let round = 0; round < Number(rounds); round++) {
  const at = Number(firstAt) + round * Number(stepMs);
  await new Promise((resolve) => setTimeout(resolve, at - Date.now() - 2));
  while (Date.now() < at) {
    // The last moments are waited for busily: a timer is too coarse.
  }
  appendToLog(`${file}.${round}`, 4096, "one more\n");
}
