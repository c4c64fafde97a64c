import { textOf } from "./processes.ts";

/** The soft limits of a process, which what it starts inherits; Infinity for unlimited. Sizes in bytes. */
export interface ProcessLimits {
  readonly data: number;
  readonly addressSpace: number;
  readonly processes: number;
  readonly openFiles: number;
}

/** Undefined where /proc/PID/limits may not be read. */
export function limitsOf(pid: number): ProcessLimits | undefined {
  const text = textOf(`/proc/${pid}/limits`);
  if (text === undefined) return undefined;
  const soft = (name: string) => {
    const value = new RegExp(`^Max ${name} +(\\S+)`, "m").exec(text)?.[1];
    return value === undefined || value === "unlimited" ? Number.POSITIVE_INFINITY : Number(value);
  };
  return {
    data: soft("data size"),
    addressSpace: soft("address space"),
    processes: soft("processes"),
    openFiles: soft("open files"),
  };
}
