import type { Stats } from "node:fs";
import { Failure, restate } from "../failure/failure.ts";
import { readRegularFile, UnfitFile } from "./regularFile.ts";

const MAX_BYTES = 64 * 1024;

/**
 * The trimmed text of a file that holds a secret: owned by root or by this process's user, and for no one else
 * to read. Links are followed (mounted Kubernetes Secrets are links); a FIFO or device never blocks.
 * @param what is in it, for messages: `read FILE (WHAT): …`. Without it a file's name such as `password` would stand
 * before the colon, and what follows be masked as one.
 * @throws Failure `SecretFileUnreadable`, `SecretFileExposed` or `SecretFileInvalid`, exit status 2.
 */
export function readPrivateFile(file: string, what?: string): string {
  const read = readSecret(file);
  if (typeof read !== "string") throw unusable([file], what, read);
  return read;
}

/**
 * The texts of several files that hold secrets, each as `readPrivateFile` has it.
 * @throws Failure that names every file that cannot be taken, so that one correction is enough.
 */
export function readPrivateFiles(files: readonly string[], what: string): string[] {
  const reads = files.map((file) => ({ file, read: readSecret(file) }));
  const failures = new Map<string, { files: string[]; problem: Problem }>();
  for (const { file, read } of reads) {
    if (typeof read === "string") continue;
    const alike = failures.get(read.ofSeveral ?? file) ?? { files: [], problem: read };
    failures.set(read.ofSeveral ?? file, { ...alike, files: [...alike.files, file] });
  }
  const [first, ...others] = [...failures.values()].map((one) => unusable(one.files, what, one.problem));
  if (first === undefined) return reads.map(({ read }) => String(read));
  throw others.reduce((all, other) => {
    const message = `${all.message}; ${other.message}`;
    return restate(all, { message, remedy: `${all.remedy}, and ${other.remedy}` });
  }, first);
}

/**
 * The trimmed text of a small file that need not be private to this user, such as a projected token.
 * @param what is in it, as for `readPrivateFile`.
 * @throws Failure `SecretFileUnreadable` or `SecretFileInvalid`, exit status 2.
 */
export function readSmallFile(file: string, what: string): string {
  const read = readText(file);
  const text = "text" in read ? filled(read.text) : read;
  if (typeof text !== "string") throw unusable([file], what, text);
  return text;
}

/** Why a file cannot be taken, and what mends that for files of this name. */
interface Problem {
  readonly code: "SecretFileUnreadable" | "SecretFileExposed" | "SecretFileInvalid";
  readonly why: string;
  /** The same of several files; absent where each stands for itself. */
  readonly ofSeveral?: string;
  readonly remedy: (files: readonly string[]) => string;
  readonly cause?: unknown;
}

function readSecret(file: string): string | Problem {
  const read = readText(file);
  if (!("text" in read)) return read;
  const { mode, uid } = read.stats;
  if (uid !== 0 && uid !== process.getuid?.()) {
    const remedy = (files: readonly string[]) => `run "chown root ${files.join(" ")}"`;
    return exposed([`belongs to user ${uid}`, `belong to user ${uid}`], remedy);
  }
  if ((mode & 0o077) !== 0) {
    const octal = (mode & 0o777).toString(8).padStart(4, "0");
    const open = `open to group or others (mode ${octal})`;
    const remedy = (files: readonly string[]) => `run "chmod 0600 ${files.join(" ")}"`;
    return exposed([`is ${open}`, `are ${open}`], remedy);
  }
  return filled(read.text);
}

function readText(file: string): { text: string; stats: Stats } | Problem {
  try {
    const { bytes, stats } = readRegularFile(file, { maxBytes: MAX_BYTES });
    return { text: bytes.toString("utf8").trim(), stats };
  } catch (cause) {
    if (cause instanceof UnfitFile) return invalid(cause.message);
    const { code = "error" } = cause as NodeJS.ErrnoException;
    return {
      code: "SecretFileUnreadable",
      why: code === "ENOENT" ? "it does not exist" : `it cannot be read (${code})`,
      ofSeveral: code === "ENOENT" ? "they do not exist" : `they cannot be read (${code})`,
      remedy: (files) =>
        `create ${files.join(" and ")}, readable by root, or correct the path in the config (or environment variable)`,
      cause,
    };
  }
}

function filled(text: string): string | Problem {
  return text === "" ? invalid("it is empty") : text;
}

function exposed([why, ofSeveral]: readonly [string, string], remedy: Problem["remedy"]): Problem {
  const rule = "a secret's file must be readable by root only, and";
  return {
    code: "SecretFileExposed",
    why: `${rule} this one ${why}`,
    ofSeveral: `${rule} these ${ofSeveral}`,
    remedy,
  };
}

function invalid(why: string): Problem {
  return {
    code: "SecretFileInvalid",
    why,
    remedy: (files) => `put the one value, and nothing else, into ${files.join(" and ")}`,
  };
}

function unusable(files: readonly string[], what: string | undefined, problem: Problem): Failure {
  const { code, why, ofSeveral = why, remedy, cause } = problem;
  const names = `${files.join(" and ")}${what === undefined ? "" : ` (${what})`}`;
  return new Failure(`read ${names}: ${files.length === 1 ? why : ofSeveral}`, {
    code,
    remedy: remedy(files),
    exitStatus: 2,
    cause,
  });
}
