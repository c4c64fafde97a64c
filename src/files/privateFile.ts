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
  const name = named(file, what);
  const { text, stats } = read(file, name);
  if (stats.uid !== 0 && stats.uid !== process.getuid?.()) {
    throw exposed(name, `belongs to user ${stats.uid}`, `run "chown root ${file}"`);
  }
  if ((stats.mode & 0o077) !== 0) {
    const octal = (stats.mode & 0o777).toString(8).padStart(4, "0");
    throw exposed(name, `is open to group or others (mode ${octal})`, `run "chmod 0600 ${file}"`);
  }
  return filled(name, text);
}

/**
 * The texts of several files that hold secrets, each as `readPrivateFile` has it.
 * @throws Failure that names every one of them that cannot be taken, so that one correction is enough.
 */
export function readPrivateFiles(files: readonly string[], what: string): string[] {
  const texts: string[] = [];
  const failures: Failure[] = [];
  for (const file of files) {
    try {
      texts.push(readPrivateFile(file, what));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      failures.push(error);
    }
  }
  const [first] = failures;
  if (first === undefined) return texts;
  const remedies = new Set(failures.map(({ remedy }) => remedy));
  throw restate(first, {
    message: failures.map(({ message }) => message).join("; "),
    remedy: [...remedies].join(" and "),
  });
}

/**
 * The trimmed text of a small file that need not be private to this user, such as a projected token.
 * @param what is in it, as for `readPrivateFile`.
 * @throws Failure `SecretFileUnreadable` or `SecretFileInvalid`, exit status 2.
 */
export function readSmallFile(file: string, what: string): string {
  const name = named(file, what);
  return filled(name, read(file, name).text);
}

function named(file: string, what: string | undefined): string {
  return what === undefined ? file : `${file} (${what})`;
}

function read(file: string, name: string): { text: string; stats: Stats } {
  try {
    const { bytes, stats } = readRegularFile(file, { maxBytes: MAX_BYTES });
    return { text: bytes.toString("utf8").trim(), stats };
  } catch (cause) {
    if (cause instanceof UnfitFile) throw invalid(name, cause.message);
    const { code = "error" } = cause as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "it does not exist" : `it cannot be read (${code})`;
    throw new Failure(`read ${name}: ${why}`, {
      code: "SecretFileUnreadable",
      remedy: "create the file that the config (or environment variable) names, readable by root",
      exitStatus: 2,
      cause,
    });
  }
}

function filled(name: string, text: string): string {
  if (text === "") throw invalid(name, "it is empty");
  return text;
}

function exposed(name: string, why: string, remedy: string): Failure {
  return new Failure(`read ${name}: a secret's file must be readable by root only, and this one ${why}`, {
    code: "SecretFileExposed",
    remedy,
    exitStatus: 2,
  });
}

function invalid(name: string, why: string): Failure {
  return new Failure(`read ${name}: ${why}`, {
    code: "SecretFileInvalid",
    remedy: "put the one value, and nothing else, into the file",
    exitStatus: 2,
  });
}
