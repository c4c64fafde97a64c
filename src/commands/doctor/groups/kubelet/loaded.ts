import { statSync } from "node:fs";
import { dirname } from "node:path";
import { loadedConfigHash } from "../../../../kubelet/running/loadedConfigHash.ts";
import { startOf } from "../../../../kubelet/running/processes.ts";
import { span } from "../../../../text/span.ts";
import type { Check } from "../../check.ts";
import { checksOf } from "../../makeCheck.ts";
import type { ObservedNode } from "../../observedNode.ts";
import { restartOf } from "./restart.ts";

const check = checksOf("kubelet");

/** The first release whose metrics tell what was read. */
const HASH_SINCE = 34;
/** What the start of a process is uncertain by (ms). */
const MARGIN_MS = 1000;

/** Whether the running kubelet has read what is on the disk now: it reads its config once, at its start. */
export async function loadedCheck(node: ObservedNode, offline: boolean): Promise<Check> {
  const { kubelet, verdict, flags } = node;
  const path = flags.config?.value ?? "CredentialProviderConfig";
  const found = check("loaded", path);
  if (kubelet === undefined) return found.skipped("no kubelet was looked at");
  if (!verdict?.accepted) return found.skipped("there is no config that a kubelet could have read");
  const restart = restartOf(kubelet);
  const told = await tellingOf(node, offline);
  const age = newerBy(node, verdict.files);
  if ("hash" in told) {
    if (told.hash === undefined) {
      return found.failed(
        `the kubelet has read no such config: ${told.from} shows the hash of none`,
        restart,
      );
    }
    if (told.hash === verdict.hash) return found.ok(`the kubelet has read this very content (${told.from})`);
    const since = age === undefined ? "" : `, changed ${age} after the kubelet's start`;
    return found.failed(`the kubelet runs with another content (${told.from})${since}`, restart);
  }
  if (age === undefined)
    return found.ok(`not changed since the kubelet's start; its hash is not known: ${told.unknown}`);
  return found.warning(
    `changed ${age} after the kubelet's start, which reads it only then; whether the content differs is not known: ${told.unknown}`,
    restart,
  );
}

async function tellingOf(
  { kubelet, release, settings }: ObservedNode,
  offline: boolean,
): ReturnType<typeof loadedConfigHash> {
  if (kubelet === undefined || settings === undefined) return { unknown: "no kubelet runs" };
  if (release.from !== undefined && release.minor < HASH_SINCE) {
    return { unknown: `Kubernetes ${release.name} does not tell it (1.${HASH_SINCE} and later do)` };
  }
  if (kubelet.files.view === "root")
    return { unknown: "it has a file system of its own, and may have a network of its own" };
  return offline ? { unknown: "--offline: it was not asked" } : loadedConfigHash(kubelet, settings);
}

/** How long after the kubelet's start a file of the config, or the folder of several, was changed; undefined: not since. */
function newerBy({ kubelet, files, flags }: ObservedNode, read: readonly string[]): string | undefined {
  const start = kubelet && startOf(kubelet.pid);
  if (start === undefined) return undefined;
  const isDirectory = flags.config !== undefined && read.some((file) => file !== flags.config?.value);
  const paths = isDirectory ? [...read, ...new Set(read.map((file) => dirname(file)))] : read;
  const changes = paths.map((path) => {
    try {
      return statSync(files.here(path)).mtimeMs;
    } catch {
      return 0;
    }
  });
  const after = Math.max(...changes) - start;
  return after > MARGIN_MS ? span(after) : undefined;
}
