import { readFileSync } from "node:fs";

/** A process, told apart from a later one that has the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot, as `/proc/PID/stat` has it; "" where there is no /proc. */
  readonly startTime: string;
}

export function currentProcess(): ProcessIdentity {
  return { pid: process.pid, startTime: readStat(process.pid)?.startTime ?? "" };
}

/** Whether that very process is still there and able to run: not dead, not a zombie, not stopped. */
export function isRunning({ pid, startTime }: ProcessIdentity): boolean {
  const stat = readStat(pid);
  return stat !== undefined && stat.startTime === startTime && !"ZXTt".includes(stat.state);
}

/** Fields 3 and 22 of proc(5)'s stat; the name in field 2 may itself hold spaces and parentheses. */
function readStat(pid: number): { state: string; startTime: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0] ?? "", startTime: fields[19] ?? "" };
  } catch {
    return undefined;
  }
}
