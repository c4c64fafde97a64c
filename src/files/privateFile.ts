import type { Stats } from "node:fs";
import { Failure } from "../failure/failure.ts";
import { readRegularFile, UnfitFile } from "./regularFile.ts";

const MAX_BYTES = 64 * 1024;

/**
 * The trimmed text of a file that holds a secret: owned by root or by this process's user, and for no one else
 * to read. Links are followed (mounted Kubernetes Secrets are links); a FIFO or device never blocks.
 * @throws Failure `SecretFileUnreadable`, `SecretFileExposed` or `SecretFileInvalid`, exit status 2.
 */
export function readPrivateFile(file: string): string {
  const { text, stats } = read(file);
  if (stats.uid !== 0 && stats.uid !== process.getuid?.()) {
    throw exposed(file, `belongs to user ${stats.uid}`, `chown root ${file}`);
  }
  if ((stats.mode & 0o077) !== 0) {
    const octal = (stats.mode & 0o777).toString(8).padStart(4, "0");
    throw exposed(file, `is open to group or others (mode ${octal})`, `chmod 0600 ${file}`);
  }
  return filled(file, text);
}

/**
 * The trimmed text of a small file that need not be private to this user, such as a projected token.
 * @throws Failure `SecretFileUnreadable` or `SecretFileInvalid`, exit status 2.
 */
export function readSmallFile(file: string): string {
  return filled(file, read(file).text);
}

function read(file: string): { text: string; stats: Stats } {
  try {
    const { bytes, stats } = readRegularFile(file, { maxBytes: MAX_BYTES });
    return { text: bytes.toString("utf8").trim(), stats };
  } catch (cause) {
    if (cause instanceof UnfitFile) throw invalid(file, cause.message);
    const { code = "error" } = cause as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "it does not exist" : `it cannot be read (${code})`;
    throw new Failure(`read ${file}: ${why}`, {
      code: "SecretFileUnreadable",
      remedy: "create the file that the config (or environment variable) names, readable by root",
      exitStatus: 2,
      cause,
    });
  }
}

function filled(file: string, text: string): string {
  if (text === "") throw invalid(file, "it is empty");
  return text;
}

function exposed(file: string, why: string, remedy: string): Failure {
  return new Failure(`read ${file}: a secret's file must be readable by root only, and this one ${why}`, {
    code: "SecretFileExposed",
    remedy,
    exitStatus: 2,
  });
}

function invalid(file: string, why: string): Failure {
  return new Failure(`read ${file}: ${why}`, {
    code: "SecretFileInvalid",
    remedy: "put the one value, and nothing else, into the file",
    exitStatus: 2,
  });
}
