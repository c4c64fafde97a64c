import { textOf } from "../../kubelet/credentialProviderConfig/kubeletFiles.ts";
import { flagValue } from "../../kubelet/running/commandFlags.ts";
import { BIN_DIR_FLAG, CONFIG_FLAG } from "../../kubelet/running/credentialFlags.ts";
import { flagWords, type Profile } from "./profile.ts";

/** One flag a line; the snap copies it into each new revision. */
export const MICROK8S_ARGS = "/var/snap/microk8s/current/args/kubelet";
/** A folder of the snap that outlives its revisions. */
const FOLDER = "/var/snap/microk8s/common/credential-provider";

/** MicroK8s: its process kubelite reads the kubelet's flags from a file. */
export function microK8sProfile(from: string): Profile {
  return {
    name: "microk8s",
    from,
    unit: "snap.microk8s.daemon-kubelite.service",
    defaults: { config: `${FOLDER}/config.yaml`, binDir: `${FOLDER}/bin` },
    async flags(files) {
      const words = wordsIn(textOf(files, MICROK8S_ARGS) ?? "");
      return { config: flagValue(words, CONFIG_FLAG), binDir: flagValue(words, BIN_DIR_FLAG) };
    },
    addFlags(files, missing) {
      const text = textOf(files, MICROK8S_ARGS) ?? "";
      const words = flagWords(missing);
      const start = text === "" || text.endsWith("\n") ? text : `${text}\n`;
      return {
        kind: "lines",
        path: MICROK8S_ARGS,
        text: `${start}${words.join("\n")}\n`,
        words,
        isNewFile: false,
      };
    },
  };
}

/** Without quotes; `#` begins a comment. */
function wordsIn(text: string): string[] {
  return text.split("\n").flatMap((line) => {
    const words = line.replace(/["']/g, "").trim().split(/\s+/);
    const comment = words.findIndex((word) => word.startsWith("#"));
    return (comment < 0 ? words : words.slice(0, comment)).filter((word) => word !== "");
  });
}
