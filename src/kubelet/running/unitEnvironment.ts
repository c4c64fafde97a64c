import { readdirSync } from "node:fs";
import { readRegularFile } from "../../files/regularFile.ts";
import { boundedRun } from "./boundedRun.ts";
import { shellWords } from "./shellWords.ts";

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

/** In the order in which systemd prefers them. */
const UNIT_FOLDERS = [
  "/etc/systemd/system",
  "/run/systemd/system",
  "/usr/lib/systemd/system",
  "/lib/systemd/system",
];
const UNIT = "kubelet.service";
const MAX_BYTES = 1024 * 1024;

/** As systemd has loaded the unit, else as its files say; undefined where there is no such unit. */
export async function unitEnvironment(): Promise<UnitEnvironment | undefined> {
  const loaded = hasSystemd() ? await boundedRun("systemctl", ["show", UNIT, ...SHOWN]) : undefined;
  if (loaded !== undefined && "stdout" in loaded && loaded.stdout.includes("LoadState=loaded")) {
    return parseShown(loaded.stdout);
  }
  const texts = unitTexts();
  return texts.length === 0 ? undefined : parseUnits(texts);
}

/** The assignment of a variable that counts among environment files: the last one; undefined where there is none. */
export function assignmentIn(files: readonly string[], name: string): FileAssignment | undefined {
  const found = files.flatMap((file) =>
    (textOf(file) ?? "").split("\n").flatMap((text, index) => {
      const value = new RegExp(`^\\s*${name}=(.*)$`).exec(text)?.[1];
      return value === undefined ? [] : [{ file, line: index + 1, value: shellWords(value).join(" ") }];
    }),
  );
  return found.at(-1);
}

const SHOWN = ["-p", "LoadState", "-p", "Environment", "-p", "EnvironmentFiles"];

/** sd_booted(3) */
function hasSystemd(): boolean {
  return namesIn("/run/systemd/system") !== undefined;
}

function parseShown(text: string): UnitEnvironment {
  const values = (name: string) =>
    [...text.matchAll(new RegExp(`^${name}=(.*)$`, "gm"))].map(([, value = ""]) => value);
  return {
    assignments: values("Environment").flatMap(shellWords),
    files: values("EnvironmentFiles").map((value) => value.replace(/ \(ignore_errors=\w+\)$/, "")),
  };
}

function parseUnits(texts: readonly string[]): UnitEnvironment {
  const lines = texts.flatMap((text) => text.replaceAll("\\\n", " ").split("\n"));
  const values = (name: string) =>
    lines.flatMap((line) => (line.startsWith(`${name}=`) ? [line.slice(name.length + 1).trim()] : []));
  return {
    assignments: values("Environment").flatMap(shellWords),
    files: values("EnvironmentFile").map((value) => value.replace(/^-/, "")),
  };
}

/** The unit and its drop-ins in the order in which they are read: by name, whatever folder they are in. */
function unitTexts(): string[] {
  const unit = UNIT_FOLDERS.map((folder) => textOf(`${folder}/${UNIT}`)).find((text) => text !== undefined);
  if (unit === undefined) return [];
  const dropIns = new Map<string, string>();
  for (const folder of UNIT_FOLDERS) {
    for (const name of namesIn(`${folder}/${UNIT}.d`) ?? []) {
      if (name.endsWith(".conf") && !dropIns.has(name)) dropIns.set(name, `${folder}/${UNIT}.d/${name}`);
    }
  }
  const names = [...dropIns.keys()].sort();
  return [unit, ...names.map((name) => textOf(dropIns.get(name) ?? "") ?? "")];
}

/** Undefined where there is no regular file that may be read, or a large one. */
function textOf(file: string): string | undefined {
  try {
    return readRegularFile(file, { maxBytes: MAX_BYTES }).bytes.toString("utf8");
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): string[] | undefined {
  try {
    return readdirSync(folder);
  } catch {
    return undefined;
  }
}
