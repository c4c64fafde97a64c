import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  type Stats,
  unlinkSync,
  writeFileSync,
} from "node:fs";

/** A file that is there but cannot be taken, and why: "it is a directory". */
export class UnfitFile extends Error {
  override readonly name = "UnfitFile";
}

/**
 * Opens a regular file. A FIFO or device in its place never blocks: it is refused. The caller closes `fd`.
 * `flags`: of open(2), `O_NOFOLLOW` where a symbolic link is refused; `mode`: of a file that is created.
 * @throws UnfitFile, or the error of open(2) with its `code`.
 */
export function openRegularFile(path: string, flags: number, mode = 0o600): { fd: number; stats: Stats } {
  const fd = openSync(path, flags | constants.O_NONBLOCK, mode);
  const stats = fstatSync(fd);
  if (stats.isFile()) return { fd, stats };
  closeSync(fd);
  throw new UnfitFile(stats.isDirectory() ? "it is a directory" : "it is not a regular file");
}

export interface ReadOptions {
  /** A larger file is refused. */
  readonly maxBytes: number;
  /** Whether a symbolic link is refused (ELOOP). */
  readonly noFollow?: boolean;
}

/**
 * The bytes of a regular file, and what fstat(2) says of it.
 * @throws UnfitFile, or the error of open(2) or read(2) with its `code`.
 */
export function readRegularFile(path: string, options: ReadOptions): { bytes: Buffer; stats: Stats } {
  const { maxBytes, noFollow = false } = options;
  const { fd, stats } = openRegularFile(path, constants.O_RDONLY | (noFollow ? constants.O_NOFOLLOW : 0));
  try {
    if (stats.size > maxBytes) throw new UnfitFile(`it is larger than ${sizeText(maxBytes)}`);
    const bytes = Buffer.allocUnsafe(stats.size);
    let length = 0;
    for (let read = -1; read !== 0 && length < stats.size; length += read) {
      read = readSync(fd, bytes, length, stats.size - length, length);
    }
    return { bytes: bytes.subarray(0, length), stats };
  } finally {
    closeSync(fd);
  }
}

/**
 * Makes a file of this user only, mode 0600, whole or not at all: a full disk leaves no part of it.
 * @throws the error of open(2) or write(2) with its `code`; EEXIST where there is anything already, be it a link.
 */
export function createFile(path: string, content: string): void {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const fd = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    writeFileSync(fd, content);
  } catch (error) {
    unlinkSync(path);
    throw error;
  } finally {
    closeSync(fd);
  }
}

function sizeText(bytes: number): string {
  return bytes % 1024 ** 2 === 0 ? `${bytes / 1024 ** 2} MiB` : `${bytes / 1024} KiB`;
}
