import type { FlagName, FlagValues } from "../cli/flags.ts";
import { plugin } from "../plugin/plugin.ts";

/** Docker looks for a credential helper under a name like this; what follows it chooses nothing. */
const HELPER_PREFIX = "docker-credential-";

/** Whether the executable, by name or path, is called as docker's credential helper. */
export function isCredentialHelper(executable: string): boolean {
  return executable.slice(executable.lastIndexOf("/") + 1).startsWith(HELPER_PREFIX);
}

/**
 * The flags of a call that is the plugin beyond doubt, as a kubelet makes it: nothing but flags of the plugin, each once
 * and with a value. Undefined where anything else is said, or may be: `parseCommandLine` decides, which takes as long to
 * load as a tenth of a cache hit.
 */
export function pluginFlags(argv: readonly string[], executable: string): FlagValues | undefined {
  if (isCredentialHelper(executable)) return undefined;
  const values: FlagValues = {};
  for (let index = 0; index < argv.length; index += 2) {
    const [flag = "", value = ""] = argv.slice(index, index + 2);
    const name = flag as FlagName;
    if (!plugin.flags.includes(name) || name in values || value === "" || value.startsWith("-"))
      return undefined;
    values[name] = value;
  }
  return values;
}
