import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { Failure } from "../failure/failure.ts";

const MAX_BYTES = 64 * 1024;

/**
 * The trimmed text of a file that holds a secret: owned by root or by this process's user, and for nobody else
 * to read. Links are followed (mounted Kubernetes Secrets are links); a FIFO or device never blocks.
 * @throws Failure `SecretFileUnreadable`, `SecretFileExposed` or `SecretFileInvalid`, exit status 2.
 */
export function readPrivateFile(file: string): string {
  const descriptor = open(file);
  try {
    const { mode, uid } = regularFile(file, descriptor);
    if (uid !== 0 && uid !== process.getuid?.()) {
      throw exposed(file, `belongs to user ${uid}`, `chown root ${file}`);
    }
    if ((mode & 0o077) !== 0) {
      const octal = (mode & 0o777).toString(8).padStart(4, "0");
      throw exposed(file, `is open to group or others (mode ${octal})`, `chmod 0600 ${file}`);
    }
    return readText(file, descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * The trimmed text of a small file that need not be private to this user, such as a projected token.
 * @throws Failure `SecretFileUnreadable` or `SecretFileInvalid`, exit status 2.
 */
export function readSmallFile(file: string): string {
  const descriptor = open(file);
  try {
    regularFile(file, descriptor);
    return readText(file, descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function open(file: string): number {
  try {
    return openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    const { code = "error" } = cause as NodeJS.ErrnoException;
    throw new Failure(
      `read ${file}: ${code === "ENOENT" ? "it does not exist" : `it cannot be read (${code})`}`,
      {
        code: "SecretFileUnreadable",
        remedy: "create the file that the config (or environment variable) names, readable by root",
        exitStatus: 2,
        cause,
      },
    );
  }
}

function regularFile(file: string, descriptor: number): { mode: number; uid: number } {
  const status = fstatSync(descriptor);
  if (!status.isFile()) throw invalid(file, "it is no regular file");
  if (status.size > MAX_BYTES) throw invalid(file, "it is larger than 64 KiB");
  return status;
}

function readText(file: string, descriptor: number): string {
  const buffer = Buffer.alloc(MAX_BYTES + 1);
  let length = 0;
  for (let read = -1; read !== 0 && length < buffer.length; length += read) {
    read = readSync(descriptor, buffer, length, buffer.length - length, null);
  }
  if (length > MAX_BYTES) throw invalid(file, "it is larger than 64 KiB");
  const text = buffer.toString("utf8", 0, length).trim();
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
