/** Arguments and where they stand; of several such, the later ones count. */
export interface Words {
  readonly words: readonly string[];
  readonly from: string;
}

/**
 * The value of a flag in a command line, as pflag reads it: `--name=value` or `--name value`, the last one counts, and
 * `_` is taken for `-` (the kubelet's own rule).
 */
export function flagValue(words: readonly string[], name: string): string | undefined {
  return flagValues(words, name).at(-1);
}

/** Every value of a flag, in order. */
export function flagValues(words: readonly string[], name: string): string[] {
  const values: string[] = [];
  for (const [index, word] of words.entries()) {
    const [, flag, value] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (flag?.replaceAll("_", "-") !== name) continue;
    const next = value ?? words[index + 1];
    if (next !== undefined) values.push(next);
  }
  return values;
}
