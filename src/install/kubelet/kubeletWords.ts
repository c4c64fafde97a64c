import { oneLine, shortened } from "../../text/foreignText.ts";
import { parseJsonObject } from "../../text/json.ts";
import { textTail } from "../files/textTail.ts";
import { hostCommand } from "../host/hostCommand.ts";

const MAX_LENGTH = 800;

export interface LogPlace {
  readonly root: string;
  readonly unit: string;
  /** A log file beside the journal. */
  readonly file?: string | undefined;
  /** The processes that ran before and after it, whose words are not meant. */
  readonly others: readonly (number | undefined)[];
  sleep(ms: number): Promise<void>;
}

/** On a busy node the journal may be behind. */
const LOOKS = 4;
const PAUSE_MS = 500;

/** More than a kubelet says in the half minute after the one that ended. */
const LINES = "2000";

/** Why a kubelet ended, in its own words since then (epoch ms), on one line; "" where it said nothing. */
export async function kubeletWords(place: LogPlace, since: number): Promise<string> {
  const { root, file, sleep } = place;
  await hostCommand("journalctl", ["--sync"], { root });
  let lines: string[] = [];
  for (let look = 0; look < LOOKS && !lines.some((line) => FATAL.test(line)); look++) {
    if (look > 0) await sleep(PAUSE_MS);
    const logged = file === undefined ? [] : textTail(file).split("\n");
    lines = [...(await journalLines(place, since)), ...logged].filter((line) => line.trim() !== "");
  }
  return shortened(oneLine(tellingLine(lines) ?? ""), MAX_LENGTH);
}

async function journalLines({ root, unit, others }: LogPlace, since: number): Promise<string[]> {
  // Backwards: with --since, -n counts from there on, and an end of many lines would be cut off (seen with systemd 252).
  const span = ["-r", `--since=@${Math.floor(since / 1000)}`, "-n", LINES, "--no-pager"];
  const form = ["-o", "json", "--output-fields=MESSAGE,_PID"];
  const journal = await hostCommand("journalctl", ["-u", unit, ...span, ...form], { root });
  if (!journal.ok) return [];
  const lines = journal.stdout.split("\n").reverse();
  return lines.flatMap((line) => {
    const { MESSAGE: message, _PID: pid } = parseJsonObject(line) ?? {};
    return typeof message === "string" && !others.some((other) => pid === String(other)) ? [message] : [];
  });
}

const FATAL = /"command failed"|level=fatal|^panic: |Failed to register CRI auth plugins/;

/**
 * The kubelet's last word before it ends is `"command failed" err="…"` (k8s.io/component-base/cli), that of k3s a line of
 * level fatal; both may end with a line of no use (usage, a stack).
 */
function tellingLine(lines: readonly string[]): string | undefined {
  const telling = [/Failed to register CRI auth plugins/, FATAL, /^[EF]\d{4} |level=error/, /./];
  for (const pattern of telling) {
    const line = lines.findLast((each) => pattern.test(each));
    if (line !== undefined) return line;
  }
  return undefined;
}
