/** What of an executable's headers decides whether this machine can run it. */
export type ExecutableFormat =
  | { readonly kind: "elf"; readonly machine: string; readonly interpreter?: string }
  | { readonly kind: "script"; readonly interpreter: string }
  | { readonly kind: "unknown" };

/** e_machine of the ELF header, by the names of `process.arch`. */
const machines: Readonly<Record<number, string>> = {
  3: "ia32",
  40: "arm",
  62: "x64",
  183: "arm64",
  21: "ppc64",
  22: "s390x",
  243: "riscv64",
  258: "loong64",
};

const PT_INTERP = 3;
const ELF64_PROGRAM_HEADER_BYTES = 56;
/** The longest path (PATH_MAX) and more than the ELF header. */
const HEAD_BYTES = 4096;

/** So many bytes of a file from a place on, fewer where it ends. */
export type ReadAt = (offset: number, length: number) => Buffer;

/** Reads what an executable is: ELF of 64 bit, little-endian, as elf(5) has it, or a script. */
export function executableFormat(readAt: ReadAt): ExecutableFormat {
  const bytes = readAt(0, HEAD_BYTES);
  if (bytes.subarray(0, 2).toString("latin1") === "#!") {
    const [line = ""] = bytes.subarray(2).toString("utf8").split("\n");
    return { kind: "script", interpreter: line.trim().split(/\s+/)[0] ?? "" };
  }
  const isElf = bytes.length >= 64 && bytes.subarray(0, 4).toString("latin1") === "\x7fELF";
  if (!isElf) return { kind: "unknown" };
  const number = bytes.readUInt16LE(18);
  const machine = machines[number] ?? `machine ${number}`;
  if (bytes[4] !== 2 || bytes[5] !== 1) return { kind: "elf", machine };
  const interpreter = interpreterIn(bytes, readAt);
  return interpreter === undefined ? { kind: "elf", machine } : { kind: "elf", machine, interpreter };
}

/** The table of program headers may be anywhere: who adds to an executable puts a longer one behind its code. */
function interpreterIn(head: Buffer, readAt: ReadAt): string | undefined {
  const [start, count] = [Number(head.readBigUInt64LE(32)), head.readUInt16LE(56)];
  const headers = readAt(start, count * ELF64_PROGRAM_HEADER_BYTES);
  for (let at = 0; at + ELF64_PROGRAM_HEADER_BYTES <= headers.length; at += ELF64_PROGRAM_HEADER_BYTES) {
    if (headers.readUInt32LE(at) !== PT_INTERP) continue;
    const [offset, length] = [
      Number(headers.readBigUInt64LE(at + 8)),
      Number(headers.readBigUInt64LE(at + 32)),
    ];
    return readAt(offset, Math.max(0, Math.min(length, HEAD_BYTES) - 1)).toString("utf8");
  }
  return undefined;
}
