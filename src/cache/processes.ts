import { readFileSync, readlinkSync } from "node:fs";

/** A process, told apart from a later one that has the same pid, and from one of another container. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot, as `/proc/PID/stat` has it; "" where there is no /proc. */
  readonly startTime: string;
  /** The pid namespace, `pid:[4026531836]`: pids mean something in their own only; "" where there is no /proc. */
  readonly namespace: string;
}

export function currentProcess(): ProcessIdentity {
  return {
    pid: process.pid,
    startTime: readStat(process.pid)?.startTime ?? "",
    namespace: ownNamespace(),
  };
}

/**
 * `running`: that very process is there and able to run; `gone`: it is dead, a zombie or stopped; `unseen`: it is (or
 * was) in another pid namespace, as a plugin in a container is to one on the host.
 */
export function stateOf({ pid, startTime, namespace }: ProcessIdentity): "running" | "gone" | "unseen" {
  if (namespace === "" || namespace !== ownNamespace()) return "unseen";
  const stat = readStat(pid);
  return stat !== undefined && stat.startTime === startTime && !"ZXTt".includes(stat.state)
    ? "running"
    : "gone";
}

function ownNamespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
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
