import { type FileChange, missingFolders } from "./files/changes.ts";
import { fileHash, ownExecutable } from "./files/executableFile.ts";
import type { NodeFiles } from "./files/nodeFiles.ts";
import { hashOf, type InstallRecord, RECORD_FILE } from "./installRecord.ts";
import type { FlagsChange, Profile, Wiring } from "./profiles/profile.ts";
import { entryIn } from "./provider/changeConfigText.ts";
import type { ProviderChange } from "./provider/providerChange.ts";

/** What a plan is going to put on a node. */
interface Planned {
  readonly profile: Profile;
  readonly wiring: Wiring;
  readonly executable: { readonly path: string; readonly isNew: boolean };
  readonly provider: ProviderChange;
  readonly config: FileChange | undefined;
  readonly flags: FlagsChange | undefined;
  readonly changes: readonly FileChange[];
}

/** The record of a node with the plan carried out: what it was before this run stays what it was. */
export function plannedRecord(
  files: NodeFiles,
  planned: Planned,
  before: InstallRecord | undefined,
): InstallRecord {
  const { profile, wiring, executable, provider, changes } = planned;
  const paths = [...changes.map(({ path }) => path), executable.path, RECORD_FILE];
  const folders = paths.flatMap((path) => missingFolders(files, path));
  const isOurs =
    before !== undefined && before.executable.path === executable.path && !before.executable.wasThere;
  const wasThere = !executable.isNew && !isOurs;
  const config = configRecord(planned.config) ?? before?.config;
  const flags = flagsRecord(planned.flags, before?.flags);
  return {
    version: 1,
    profile: profile.name,
    wiring,
    provider: { path: provider.path, sha256: hashOf(entryIn(provider.text)) },
    executable: {
      path: executable.path,
      sha256: fileHash(ownExecutable) ?? "",
      ...(wasThere ? { wasThere } : {}),
    },
    ...(config === undefined ? {} : { config }),
    ...(flags === undefined ? {} : { flags }),
    folders: [...new Set([...(before?.folders ?? []), ...folders])],
    ...(before?.reader === undefined ? {} : { reader: before.reader }),
  };
}

function configRecord(change: FileChange | undefined): InstallRecord["config"] {
  if (change?.after === undefined) return undefined;
  return { path: change.path, sha256: hashOf(Buffer.from(change.after.bytes).toString("utf8")) };
}

function flagsRecord(now: FlagsChange | undefined, before: InstallRecord["flags"]): InstallRecord["flags"] {
  if (now === undefined) return before;
  const { kind, path, words, isNewFile } = now;
  if (before?.path !== path) return { kind, path, words, isNewFile };
  return { kind, path, words: [...new Set([...before.words, ...words])], isNewFile: before.isNewFile };
}
