/** What of an executable's first bytes decides whether this machine can run it. */
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

/** Reads the beginning (some KiB) of an executable: ELF of 64 bit, little-endian, as elf(5) has it, or a script. */
export function executableFormat(bytes: Buffer): ExecutableFormat {
  if (bytes.subarray(0, 2).toString("latin1") === "#!") {
    const [line = ""] = bytes.subarray(2).toString("utf8").split("\n");
    return { kind: "script", interpreter: line.trim().split(/\s+/)[0] ?? "" };
  }
  const isElf = bytes.length >= 64 && bytes.subarray(0, 4).toString("latin1") === "\x7fELF";
  if (!isElf) return { kind: "unknown" };
  const number = bytes.readUInt16LE(18);
  const machine = machines[number] ?? `machine ${number}`;
  if (bytes[4] !== 2 || bytes[5] !== 1) return { kind: "elf", machine };
  const interpreter = interpreterIn(bytes);
  return interpreter === undefined ? { kind: "elf", machine } : { kind: "elf", machine, interpreter };
}

function interpreterIn(bytes: Buffer): string | undefined {
  const [start, count] = [Number(bytes.readBigUInt64LE(32)), bytes.readUInt16LE(56)];
  for (let index = 0; index < count; index++) {
    const at = start + index * ELF64_PROGRAM_HEADER_BYTES;
    if (at + ELF64_PROGRAM_HEADER_BYTES > bytes.length) return undefined;
    if (bytes.readUInt32LE(at) !== PT_INTERP) continue;
    const [offset, length] = [Number(bytes.readBigUInt64LE(at + 8)), Number(bytes.readBigUInt64LE(at + 32))];
    return bytes.subarray(offset, offset + length - 1).toString("utf8");
  }
  return undefined;
}
