import { createHash } from "node:crypto";
import { formatPath, formatProblem, type Path, type Problem } from "../../config/problem.ts";
import type { KubeletRelease } from "../kubeletRelease.ts";
import { configFilesOf } from "./configFilesOf.ts";
import { readConfigText } from "./configText.ts";
import { lineOf } from "./configTree.ts";
import type { CredentialProvider } from "./credentialProvider.ts";
import { type DecodedProvider, decodeConfig } from "./decodeConfig.ts";
import { type KubeletFiles, kubeletFiles, Unreadable } from "./kubeletFiles.ts";
import { validateProvider } from "./validateProvider.ts";

/** Something about a file of the kubelet's config. */
export interface FileProblem extends Problem {
  readonly file: string;
}

/** `/etc/kubernetes/credential-provider.yaml: line 4: providers[0].name: is missing` */
export function formatFileProblem(problem: FileProblem): string {
  return `${problem.file}: ${formatProblem(problem)}`;
}

/** What a kubelet makes of its config: it starts with these providers, or it does not start. */
export type ConfigVerdict =
  | {
      readonly accepted: true;
      /** In the order in which the kubelet asks them. */
      readonly providers: readonly CredentialProvider[];
      /** What the kubelet ignores without a word. */
      readonly remarks: readonly FileProblem[];
      /** In the order in which the kubelet reads them. */
      readonly files: readonly string[];
      /** `sha256:…`, as the label of kubelet_credential_provider_config_info has it since 1.34. */
      readonly hash: string;
    }
  | { readonly accepted: false; readonly problems: readonly FileProblem[] };

export interface ReadOptions {
  readonly release: KubeletRelease;
  /** The feature gate KubeletServiceAccountTokenForCredentialProviders; by default as the release has it. */
  readonly serviceAccountTokens?: boolean;
  readonly files?: KubeletFiles;
}

/**
 * Reads the file or directory of `--image-credential-provider-config`, and judges it by the rules by which a kubelet of
 * this release starts with it or ends: k8s.io/kubernetes/pkg/credentialprovider/plugin/config.go. It finds all that is
 * wrong where the kubelet stops at the first. Whether the executables are there is not looked at.
 * Files of more than 1 MiB are refused, which the kubelet would read. Does not throw for what is on the disk.
 */
export async function readCredentialProviderConfig(
  path: string,
  options: ReadOptions,
): Promise<ConfigVerdict> {
  const { release, files: disk = kubeletFiles, serviceAccountTokens = release.tokens === "beta" } = options;
  const found: Findings = { problems: [], remarks: [] };
  const files = await readFiles(path, release, disk, found);
  const providers = files.flatMap((file) => file.providers);
  const byName = new Map<string, DecodedProvider>();
  for (const provider of providers) {
    const { name, file, index, tree } = provider;
    const report = (below: Path, message: string) =>
      found.problems.push(at(file, ["providers", index, ...below], lineOf(tree, below), message));
    validateProvider(provider, { release, serviceAccountTokens }, report);
    const namesake = byName.get(name);
    if (namesake === undefined) byName.set(name, provider);
    else report(["name"], isTaken(namesake, file));
  }
  if (providers.length === 0 && found.problems.length === 0) {
    found.problems.push(at(path, ["providers"], undefined, "is missing or empty: name at least one"));
  }
  if (found.problems.length > 0) return { accepted: false, problems: firstOfEachPlace(found.problems) };
  return {
    accepted: true,
    providers: providers.map(checked),
    remarks: found.remarks,
    files: files.map((file) => file.name),
    hash: configHash(files.map((file) => file.bytes)),
  };
}

function isTaken({ file, line }: DecodedProvider, here: string): string {
  const where = file === here ? `line ${line}` : `${file}, line ${line}`;
  return `is the name of the provider in ${where} as well, and the kubelet refuses two of one name: keep one`;
}

function checked(decoded: DecodedProvider): CredentialProvider {
  const { tree: _, defaultCacheDuration = 0, tokenAttributes, ...provider } = decoded;
  if (tokenAttributes === undefined) return { ...provider, defaultCacheDuration };
  const { requireServiceAccount = false } = tokenAttributes;
  const attributes = { ...tokenAttributes, requireServiceAccount };
  return { ...provider, defaultCacheDuration, tokenAttributes: attributes };
}

/** SHA-256 over the length (8 bytes, big-endian) and the bytes of each file: readCredentialProviderConfig in config.go. */
function configHash(contents: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const bytes of contents) {
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(bytes.length));
    hash.update(length).update(bytes);
  }
  return `sha256:${hash.digest("hex")}`;
}

interface ReadFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly providers: readonly DecodedProvider[];
}

async function readFiles(
  path: string,
  release: KubeletRelease,
  disk: KubeletFiles,
  found: Findings,
): Promise<readonly ReadFile[]> {
  const files: ReadFile[] = [];
  let reading = path;
  try {
    for (const name of configFilesOf(path, release, disk)) {
      reading = name;
      const bytes = disk.read(name);
      files.push({ name, bytes, providers: await decodeFile(name, bytes, release, found) });
    }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    found.problems.push(at(reading, [], undefined, `cannot be read: ${error.message}`));
  }
  return files;
}

async function decodeFile(
  file: string,
  bytes: Uint8Array,
  release: KubeletRelease,
  found: Findings,
): Promise<readonly DecodedProvider[]> {
  const content = await readConfigText(bytes);
  if ("problems" in content) {
    found.problems.push(...content.problems.map(({ line, message }) => at(file, [], line, message)));
    return [];
  }
  found.remarks.push(...content.remarks.map(({ line, message }) => at(file, [], line, message)));
  return decodeConfig(content.tree, file, release, (path, line, message) => {
    found.problems.push(at(file, path, line, message));
  });
}

interface Findings {
  readonly problems: FileProblem[];
  readonly remarks: FileProblem[];
}

function at(file: string, path: Path, line: number | undefined, message: string): FileProblem {
  return { file, path: formatPath(path), ...(line === undefined ? {} : { line }), message };
}

/** What is said of a place later only follows from what was said first. */
function firstOfEachPlace(problems: readonly FileProblem[]): FileProblem[] {
  const places = new Set<string>();
  return problems.filter(({ file, path, line, message }) => {
    const place = `${file}\n${path === "" ? `${line} ${message}` : path}`;
    if (places.has(place)) return false;
    places.add(place);
    return true;
  });
}
