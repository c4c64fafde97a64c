import { existsSync } from "node:fs";
import { asFailure } from "../../failure/failure.ts";
import { readPrivateFile, readSmallFile } from "../../files/privateFile.ts";
import { isPrintable } from "../../text/foreignText.ts";
import type { IdentityConfig, ProviderConfig } from "../config.ts";
import type { GradedFinding, Path } from "../problem.ts";
import { lookAt } from "./lookAt.ts";

/** What one key of the config names: files with secrets, which may be all of a directory. */
interface NamedSecrets {
  readonly path: Path;
  /** What is in them, for messages: `AccessKey`. */
  readonly what: string;
  readonly directory?: string;
  readonly files: readonly string[];
  /** One that may be missing. */
  readonly optionalFile?: string;
  /** `value`: one value of printable ASCII; `token`: that, and others may read it; `document`: has a form of its own. */
  readonly holds: "value" | "token" | "document";
}

/**
 * Files with secrets that are missing, empty, open to others or hold more than the one value. `onSecret` hears what is
 * in them.
 */
export function secretFileProblems(
  config: ProviderConfig,
  onSecret: (value: string) => void,
): GradedFinding[] {
  const { identity, registries } = config;
  const named = [
    ...namedByIdentity(["identity"], identity),
    ...registries.flatMap((entry, index) => {
      const path = ["registries", index];
      // An entry without an identity of its own has the very one of the top level.
      const own = entry.identity === identity ? [] : namedByIdentity([...path, "identity"], entry.identity);
      return [...own, ...namedByEntry(path, entry.fixedCredentials)];
    }),
  ];
  return named.flatMap((secrets) => problemsOf(secrets, onSecret));
}

function namedByIdentity(path: Path, identity: IdentityConfig): NamedSecrets[] {
  switch (identity.source) {
    case "accessKey": {
      if (!("directory" in identity)) return [];
      const { directory } = identity;
      return [
        {
          path: [...path, "directory"],
          what: "AccessKey",
          directory,
          files: [`${directory}/access-key-id`, `${directory}/access-key-secret`],
          optionalFile: `${directory}/security-token`,
          holds: "value",
        },
      ];
    }
    case "oidcTokenFile":
      return [{ path: [...path, "path"], what: "OIDC token", files: [identity.path], holds: "token" }];
    case "profile":
      return identity.file === undefined
        ? []
        : [{ path: [...path, "file"], what: "profile", files: [identity.file], holds: "document" }];
    case "serviceAccountToken":
      return identity.fallback === undefined ? [] : namedByIdentity([...path, "fallback"], identity.fallback);
    default:
      return [];
  }
}

function namedByEntry(path: Path, fixed: { readonly directory: string } | undefined): NamedSecrets[] {
  if (fixed === undefined) return [];
  const { directory } = fixed;
  return [
    {
      path: [...path, "fixedCredentials", "directory"],
      what: "fixed credentials",
      directory,
      files: [`${directory}/username`, `${directory}/password`],
      holds: "value",
    },
  ];
}

function problemsOf(secrets: NamedSecrets, onSecret: (value: string) => void): GradedFinding[] {
  const { path, directory, files, optionalFile } = secrets;
  const present = optionalFile !== undefined && existsSync(optionalFile) ? [...files, optionalFile] : files;
  const ofDirectory = directory === undefined ? undefined : directoryProblem(directory, files);
  const found = ofDirectory === undefined ? [] : [{ path, ...ofDirectory }];
  if (ofDirectory?.severity === "error") return found;
  for (const file of present) {
    const message = fileProblem(file, secrets, onSecret);
    if (message !== undefined) found.push({ path, message, severity: "error" });
  }
  return found;
}

function directoryProblem(
  directory: string,
  files: readonly string[],
): Pick<GradedFinding, "message" | "severity"> | undefined {
  const { stats, obstacle } = lookAt(directory);
  if (obstacle !== undefined) return { message: `${directory} ${obstacle}`, severity: "error" };
  if (stats === undefined) {
    const names = files.map((file) => file.slice(directory.length + 1)).join(" and ");
    const message = `${directory} does not exist: make it, with the files ${names} (mode 0600)`;
    return { message, severity: "error" };
  }
  if (!stats.isDirectory()) return { message: `${directory} is not a directory`, severity: "error" };
  if ((stats.mode & 0o022) === 0) return undefined;
  const message = `${directory} may be changed by group or others: run "chmod go-w ${directory}"`;
  return { message, severity: "warning" };
}

/** Those that hold a name, which messages may have. */
const named = /\/(?:username|access-key-id)$/;

function fileProblem(
  file: string,
  { what, holds }: NamedSecrets,
  onSecret: (value: string) => void,
): string | undefined {
  try {
    const text = holds === "token" ? readSmallFile(file, what) : readPrivateFile(file, what);
    if (!named.test(file)) onSecret(text);
    if (holds === "document" || isPrintable(text)) return undefined;
    return `${file} (${what}) holds white space or what is not ASCII: write the one value, and nothing else`;
  } catch (error) {
    const { message, remedy } = asFailure(error);
    return remedy === undefined ? message : `${message}; ${remedy}`;
  }
}
