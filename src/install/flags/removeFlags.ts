import { assign, assignmentsIn } from "../../kubelet/running/environmentFile.ts";
import { VARIABLE } from "../profiles/kubeadm.ts";
import type { FlagsChange } from "../profiles/profile.ts";
import { placesOf, withoutWords } from "./words.ts";

/**
 * The text without the flags that were put in; the same text where they are not there any more as they were put in.
 * Undefined where nothing is left of a file that was made for them.
 */
export function removeFlags(
  text: string,
  { kind, words, isNewFile }: Omit<FlagsChange, "text">,
): string | undefined {
  if (kind === "lines") {
    return text
      .split("\n")
      .filter((line) => !words.includes(line))
      .join("\n");
  }
  const value = assignmentsIn(text).findLast(({ name }) => name === VARIABLE)?.value;
  const places = value === undefined ? undefined : placesOf(value, words);
  if (value === undefined || places === undefined) return text;
  const left = assign(text, VARIABLE, withoutWords(value, places));
  return isNewFile && left === assign("", VARIABLE, "") ? undefined : left;
}
