import { closeSync, constants, readSync } from "node:fs";
import { openRegularFile } from "../../files/regularFile.ts";

const TAIL_BYTES = 64 * 1024;

/** The end of a text file, from the beginning of a line on; "" where it cannot be read. */
export function textTail(path: string): string {
  try {
    const { fd, stats } = openRegularFile(path, constants.O_RDONLY);
    try {
      const bytes = Buffer.alloc(Math.min(TAIL_BYTES, stats.size));
      const start = stats.size - bytes.length;
      const text = bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, start)).toString("utf8");
      return start === 0 ? text : text.slice(text.indexOf("\n") + 1);
    } finally {
      closeSync(fd);
    }
  } catch {
    return "";
  }
}
