import { readlinkSync } from "node:fs";
import { Failure } from "../../failure/failure.ts";
import { BIN_DIR_FLAG, CONFIG_FLAG } from "../../kubelet/running/credentialFlags.ts";
import type { RunningKubelet } from "../../kubelet/running/runningKubelets.ts";
import { commandLineOf } from "../../kubelet/running/systemdUnit.ts";
import { quoted } from "../../text/foreignText.ts";
import type { NodeFiles } from "../files/nodeFiles.ts";
import type { Profile } from "../profiles/profile.ts";

/**
 * A kubelet that was upgraded, or whose flags were changed, and that was not restarted since: it may not survive its next
 * start, and what was there before is no way back then. Newer releases end at flags that older ones knew.
 * @throws Failure `KubeletStale`.
 */
export function requireFresh(profile: Profile, files: NodeFiles, { pid, argv, kind }: RunningKubelet): void {
  const unit = profile.unit ?? "";
  if (isReplaced(pid)) {
    throw stale(unit, "its program was replaced since it started");
  }
  if (kind !== "kubelet" || profile.service === undefined) return;
  const next = commandLineOf(files, profile.service).slice(1);
  const [now, then] = [withoutOurs(argv.slice(1)), withoutOurs(next)];
  const gone = now.filter((word) => !then.includes(word));
  const come = then.filter((word) => !now.includes(word));
  if (gone.length === 0 && come.length === 0) return;
  const words = [
    ...come.map((word) => `with ${quoted(word)}`),
    ...gone.map((word) => `without ${quoted(word)}`),
  ];
  throw stale(unit, `by its unit's files it would start ${words.slice(0, 3).join(", ")}`);
}

function isReplaced(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/exe`).endsWith(" (deleted)");
  } catch {
    return false;
  }
}

/** The arguments without the two flags that lead to providers. */
function withoutOurs(words: readonly string[]): string[] {
  const isOurs = (word: string) => [CONFIG_FLAG, BIN_DIR_FLAG].some((flag) => word === `--${flag}`);
  return words.filter((word, index) => {
    const name = word.split("=", 1)[0] ?? "";
    return !isOurs(name) && !isOurs(words[index - 1] ?? "");
  });
}

function stale(unit: string, cause: string): Failure {
  return new Failure(`restart the kubelet: ${cause}, so that no one knows whether it survives a restart`, {
    code: "KubeletStale",
    remedy: `restart it on its own first (systemctl restart ${unit}), or go on with --force, or with --no-restart`,
  });
}
