import { createTwoFilesPatch } from "diff";
import type { FileChange } from "./files/changes.ts";

/** The changes of texts as unified diffs, as `diff -u` prints them. */
export function differences(changes: readonly FileChange[]): string {
  return changes.map(difference).join("");
}

function difference({ path, before, after }: FileChange): string {
  const text = (file: FileChange["before"]) => Buffer.from(file?.bytes ?? "").toString("utf8");
  const from = before === undefined ? "/dev/null" : path;
  const to = after === undefined ? "/dev/null" : path;
  const patch = createTwoFilesPatch(from, to, text(before), text(after), undefined, undefined, {
    context: 3,
  });
  return patch.replace(/^(Index: .*\n)?=+\n/, "");
}
