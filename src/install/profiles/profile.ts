import { BIN_DIR_FLAG, CONFIG_FLAG } from "../../kubelet/running/credentialFlags.ts";
import type { ServiceUnit } from "../../kubelet/running/systemdUnit.ts";
import type { NodeFiles } from "../files/nodeFiles.ts";

/** How a node runs its kubelet, and so where its two flags stand; `files`: no one's flags, no service. */
export const profileNames = ["kubeadm", "k3s", "rke2", "microk8s", "files"] as const;
export type ProfileName = (typeof profileNames)[number];

/** The two flags that lead a kubelet to its credential providers. */
export interface ProviderFlags {
  /** A file, or since 1.34 a directory. */
  readonly config?: string | undefined;
  readonly binDir?: string | undefined;
}

/** The two flags where both are there. */
export interface Wiring {
  readonly config: string;
  readonly binDir: string;
}

/** A file with flags of the kubelet, changed. */
export interface FlagsChange {
  /** `environment`: a variable of an environment file; `lines`: a flag on each line. */
  readonly kind: "environment" | "lines";
  readonly path: string;
  readonly text: string;
  /** The words that were put in. */
  readonly words: readonly string[];
  /** Whether there was no such file. */
  readonly isNewFile: boolean;
}

export interface Profile {
  readonly name: ProfileName;
  /** By what it was recognised. */
  readonly from: string;
  /** The systemd unit that runs the kubelet. */
  readonly unit?: string;
  /** The same as its files say, where the flags stand in it. */
  readonly service?: ServiceUnit;
  /** The program that says its release with `--version`, where it is known without a running kubelet. */
  readonly program?: string | undefined;
  /** Where things go on a node that has neither flag yet. */
  readonly defaults: Wiring;
  /** Whether they can be nowhere else. */
  readonly isFixed?: boolean;
  /** The flags that the kubelet has at its next start, by these files. */
  flags(files: NodeFiles): Promise<ProviderFlags>;
  /** The file that sets the missing flags. @throws Failure `NodeNotUnderstood` where there is no place for them. */
  addFlags(files: NodeFiles, missing: ProviderFlags): FlagsChange;
}

/** The flags as words of a command line. */
export function flagWords({ config, binDir }: ProviderFlags): string[] {
  return [
    ...(binDir === undefined ? [] : [`--${BIN_DIR_FLAG}=${binDir}`]),
    ...(config === undefined ? [] : [`--${CONFIG_FLAG}=${config}`]),
  ];
}
