import { parse } from "yaml";
import { Failure } from "../../failure/failure.ts";
import { textOf } from "../../kubelet/credentialProviderConfig/kubeletFiles.ts";
import { flagValue, flagValues } from "../../kubelet/running/commandFlags.ts";
import {
  BIN_DIR_FLAG,
  CONFIG_FLAG,
  RANCHER_BIN_DIR,
  RANCHER_CONFIG,
} from "../../kubelet/running/credentialFlags.ts";
import { wordsOf } from "../../kubelet/running/shellWords.ts";
import { commandLineOf, type ServiceUnit } from "../../kubelet/running/systemdUnit.ts";
import type { NodeFiles } from "../files/nodeFiles.ts";
import type { Profile, ProviderFlags, Wiring } from "./profile.ts";

/**
 * k3s and RKE2: they hand the two flags to their kubelet by themselves where the directory and the file are there at
 * their start (ImageCredProvAvailable in k3s-io/k3s, pkg/daemons/agent).
 */
export function rancherProfile(
  files: NodeFiles,
  name: "k3s" | "rke2",
  unit: ServiceUnit,
  from: string,
): Profile {
  const wordsNow = (at: NodeFiles) => [...settings(at, name), ...commandLineOf(at, unit).slice(1)];
  return {
    name,
    from,
    unit: `${unit.name}.service`,
    program: wordsOf(unit.execStart)?.[0]?.text,
    defaults: ownPlaces(wordsNow(files)),
    isFixed: true,
    flags: async (at) => flagsOf(at, wordsNow(at)),
    addFlags: () => {
      throw new Failure(`set the kubelet's flags: ${name} sets them by itself`, {
        code: "NodeNotUnderstood",
      });
    },
  };
}

/** Where its two own flags lead, whether there is anything or not. */
function ownPlaces(words: readonly string[]): Wiring {
  return {
    config: flagValue(words, CONFIG_FLAG) ?? RANCHER_CONFIG,
    binDir: flagValue(words, BIN_DIR_FLAG) ?? RANCHER_BIN_DIR,
  };
}

/** Its two own flags count together, and only where they lead somewhere; after them come those of `kubelet-arg`. */
function flagsOf(files: NodeFiles, words: readonly string[]): ProviderFlags {
  const { config, binDir } = ownPlaces(words);
  const passed = files.kindOf(binDir) === "directory" && files.kindOf(config) === "file";
  const extra = flagValues(words, "kubelet-arg").map((word) => `--${word.replace(/^-+/, "")}`);
  return {
    config: flagValue(extra, CONFIG_FLAG) ?? (passed ? config : undefined),
    binDir: flagValue(extra, BIN_DIR_FLAG) ?? (passed ? binDir : undefined),
  };
}

/** The config file, then those in the folder beside it, as words of a command line. */
function settings(files: NodeFiles, name: string): string[] {
  const main = `/etc/rancher/${name}/config.yaml`;
  const folder = `${main}.d`;
  const names = files.kindOf(folder) === "directory" ? [...files.list(folder)] : [];
  const dropIns = names.filter((file) => /\.ya?ml$/.test(file)).sort();
  return [main, ...dropIns.map((file) => `${folder}/${file}`)].flatMap((path) => wordsIn(files, path));
}

function wordsIn(files: NodeFiles, path: string): string[] {
  try {
    const value: unknown = parse(textOf(files, path) ?? "");
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value).flatMap(([key, setting]) =>
      (Array.isArray(setting) ? setting : [setting]).map((each) => `--${key.replace(/\+$/, "")}=${each}`),
    );
  } catch (cause) {
    throw new Failure(`read ${path}: it is not valid YAML`, {
      code: "NodeNotUnderstood",
      remedy: "fix the file: the node would not start with it either",
      cause,
    });
  }
}
