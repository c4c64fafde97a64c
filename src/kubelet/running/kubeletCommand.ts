import { Unreadable } from "../credentialProviderConfig/kubeletFiles.ts";
import { flagValue, flagValues, type Words } from "./commandFlags.ts";
import { environmentOf } from "./processes.ts";
import type { ProcessFiles } from "./processFiles.ts";
import { rancherWords } from "./rancherWords.ts";
import type { RunningKubelet } from "./runningKubelets.ts";

/** The arguments that a kubelet was started with, wherever they stand. */
export interface KubeletCommand {
  /** The kubelet's own; the later ones count. */
  readonly words: readonly Words[];
  /** Of an embedded kubelet of k3s those of k3s, from which the kubelet's are made. */
  readonly k3s?: readonly Words[];
  /** RKE2 has started it, from arguments of its own that are not known. */
  readonly isRke2s?: boolean;
}

/** What a running kubelet was started with. */
export async function kubeletCommand(kubelet: RunningKubelet): Promise<KubeletCommand> {
  const { kind, pid, argv } = kubelet;
  if (kind === "microk8s") return { words: [wordsOfMicroK8s(kubelet)] };
  if (kind !== "k3s") {
    const words = { words: argv.slice(1), from: `the command line of process ${pid}` };
    return { words: [words], isRke2s: kind === "rke2" };
  }
  const k3s = await rancherWords(kubelet);
  const words = k3s.map(({ words, from }) => ({
    words: flagValues(words, "kubelet-arg").map((word) => `--${word.replace(/^-+/, "")}`),
    from: `kubelet-arg in ${from}`,
  }));
  return { words, k3s };
}

/**
 * MicroK8s reads the kubelet's flags from a file: without quotes, `#` begins a comment, and variables of its snap are
 * put in.
 */
function wordsOfMicroK8s({ pid, argv, files }: RunningKubelet): Words {
  const file = flagValue(argv, "kubelet-args-file") ?? "/var/snap/microk8s/current/args/kubelet";
  const env = environmentOf(pid) ?? {};
  const lines = lineText(files, file).split("\n");
  const words = lines.flatMap((line) => {
    const plain = line.replace(/["']/g, "").trim().split(/\s+/);
    const comment = plain.findIndex((word) => word.startsWith("#"));
    return comment < 0 ? plain : plain.slice(0, comment);
  });
  const filledIn = words.map((word) =>
    word.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced: string, bare: string) => env[braced ?? bare] ?? ""),
  );
  return { words: filledIn.filter((word) => word !== ""), from: file };
}

function lineText(files: ProcessFiles, file: string): string {
  try {
    return Buffer.from(files.read(file)).toString("utf8");
  } catch (error) {
    if (error instanceof Unreadable) return "";
    throw error;
  }
}
