import { type PlacedFiles, textOf, Unreadable } from "../credentialProviderConfig/kubeletFiles.ts";
import { boundedRun } from "./boundedRun.ts";
import { assignmentsIn } from "./environmentFile.ts";
import { ownFiles } from "./processFiles.ts";
import { shellWords } from "./shellWords.ts";
import { readUnit } from "./systemdUnit.ts";

/** What the unit `kubelet.service` sets in the kubelet's environment. */
export interface UnitEnvironment {
  /** `Environment=`, each as `NAME=VALUE`, in order. */
  readonly assignments: readonly string[];
  /** `EnvironmentFile=`, in order: each beats the ones before, and every `Environment=`. */
  readonly files: readonly string[];
}

/** One assignment in an environment file. */
export interface FileAssignment {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly value: string;
}

const UNIT = "kubelet";

/** As systemd has loaded the unit, else as its files say; undefined where there is no such unit. */
export async function unitEnvironment(): Promise<UnitEnvironment | undefined> {
  const loaded = hasSystemd()
    ? await boundedRun("systemctl", ["show", `${UNIT}.service`, ...SHOWN])
    : undefined;
  if (loaded?.ok && loaded.stdout.includes("LoadState=loaded")) {
    return parseShown(loaded.stdout);
  }
  const unit = readUnit(files, UNIT);
  return (
    unit && {
      assignments: [...unit.environment].map(([name, value]) => `${name}=${value}`),
      files: unit.environmentFiles,
    }
  );
}

/** Of this machine; what may not be read counts for nothing. */
const files: PlacedFiles = {
  ...ownFiles,
  kindOf: (path) => readable(() => ownFiles.kindOf(path)),
  list: (directory) => readable(() => ownFiles.list(directory)) ?? [],
  read: (path) => readable(() => ownFiles.read(path)) ?? new Uint8Array(),
};

function readable<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

/** The assignment of a variable that counts among environment files: the last one; undefined where there is none. */
export function assignmentIn(paths: readonly string[], name: string): FileAssignment | undefined {
  const found = paths.flatMap((file) => {
    const text = textOf(files, file) ?? "";
    return assignmentsIn(text)
      .filter((each) => each.name === name)
      .map(({ value, start }) => ({ file, line: text.slice(0, start).split("\n").length, value }));
  });
  return found.at(-1);
}

const SHOWN = ["-p", "LoadState", "-p", "Environment", "-p", "EnvironmentFiles"];

/** sd_booted(3) */
function hasSystemd(): boolean {
  return files.kindOf("/run/systemd/system") === "directory";
}

function parseShown(text: string): UnitEnvironment {
  const values = (name: string) =>
    [...text.matchAll(new RegExp(`^${name}=(.*)$`, "gm"))].map(([, value = ""]) => value);
  return {
    assignments: values("Environment").flatMap(shellWords),
    files: values("EnvironmentFiles").map((value) => value.replace(/ \(ignore_errors=\w+\)$/, "")),
  };
}
