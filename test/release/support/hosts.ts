import { existsSync, writeFileSync } from "node:fs";
import { root } from "../../../scripts/project.ts";
import { builtPath } from "../../../scripts/release/releaseFolder.ts";
import type { RuntimeName, Target } from "../../../scripts/release/targets.ts";
import { commandInTree, type OldTree, oldTreeMissing } from "./oldTrees.ts";

/** A machine that this one is not, and how the executable runs as if it were. */
export interface Host {
  readonly what: string;
  readonly target: Target;
  readonly runtime: RuntimeName;
  /** Why it cannot be had here, if so. */
  missing(): string | undefined;
  /** A command line of a shell that runs the executable there, without its arguments. */
  command(executable: string): string;
}

const ARM64 = "/usr/aarch64-linux-gnu";

/** A CPU of 2008 with SSE4.2 and without AVX; a processor that this machine does not have; and the oldest systems. */
export const hosts: readonly Host[] = [
  emulated("a CPU without AVX (Nehalem)", "linux-x64", "bun", ["qemu-x86_64-static", "-cpu", "Nehalem"], "/"),
  emulated("arm64", "linux-arm64", "bun", ["qemu-aarch64-static", "-L", ARM64], `${ARM64}/lib/libc.so.6`),
  emulated(
    "arm64, with Node.js",
    "linux-arm64",
    "node",
    ["qemu-aarch64-static", "-L", ARM64],
    `${ARM64}/lib/libstdc++.so.6`,
  ),
  inTree("Ubuntu 16.04, with glibc 2.23", "bun", "xenial"),
  inTree("Debian 11, with Node.js and glibc 2.31", "node", "bullseye"),
];

/** Where the program is that runs the executable on this host, once `runOn` has written it. */
export const pathOn = ({ what }: Host) => `${root}.cache/release/on-${what.replaceAll(/\W+/g, "-")}`;

export function runOn(host: Host): void {
  const command = host.command(builtPath(host.target, host.runtime));
  writeFileSync(pathOn(host), `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
}

function emulated(
  what: string,
  target: Target,
  runtime: RuntimeName,
  [emulator = "", ...options]: readonly string[],
  library: string,
): Host {
  return {
    what,
    target,
    runtime,
    missing: () => {
      if (Bun.which(emulator) === null) return `${emulator} is missing`;
      return existsSync(library) ? undefined : `${library} is missing`;
    },
    command: (executable) => [Bun.which(emulator), ...options, executable].join(" "),
  };
}

function inTree(what: string, runtime: RuntimeName, tree: OldTree): Host {
  return {
    what,
    target: "linux-x64",
    runtime,
    missing: () => oldTreeMissing(tree),
    command: (executable) => commandInTree(tree, executable),
  };
}
