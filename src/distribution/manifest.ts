import { Failure } from "../failure/failure.ts";
import type { Answer } from "../openapi/transport.ts";
import type { Run } from "../run/run.ts";
import { parseJsonObject } from "../text/json.ts";
import { registryFailure } from "./registryFailure.ts";
import { askRegistry, authorized, type Repository } from "./repository.ts";

/** https://github.com/opencontainers/image-spec/blob/main/media-types.md */
const indexTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];
const manifestTypes = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];

export interface Manifest {
  /** `linux/amd64`, where an index had several. */
  readonly platform?: string;
  readonly layers: readonly { readonly digest: string; readonly size: number }[];
}

/** `linux/amd64`: this machine in the words of image indexes, which are Go's. */
export function machinePlatform(): string {
  return `linux/${process.arch === "x64" ? "amd64" : process.arch}`;
}

/**
 * The manifest of a tag or digest; of an index the manifest for this machine.
 * @throws Failure of the network or the registry, `PlatformMissing` (no manifest for this machine), `ManifestInvalid`.
 */
export async function readManifest(run: Run, repository: Repository, reference: string): Promise<Manifest> {
  const answer = await ask(run, repository, reference);
  const manifests = answer.manifests;
  if (!Array.isArray(manifests)) return { layers: layersOf(repository, answer) };
  const platform = machinePlatform();
  const entries = manifests.map(indexEntry);
  const own = entries.find((entry) => entry.platform === platform);
  if (own === undefined) throw platformMissing(repository, platform, entries);
  return { platform, layers: layersOf(repository, await ask(run, repository, own.digest)) };
}

async function ask(run: Run, repository: Repository, reference: string): Promise<Record<string, unknown>> {
  const path = `/v2/${repository.name}/manifests/${reference}`;
  const accept = [...indexTypes, ...manifestTypes].join(", ");
  const headers = { accept, ...authorized(repository) };
  const answer: Answer = await askRegistry(run, `https://${repository.host}${path}`, headers);
  if (answer.status !== 200) throw registryFailure(run, repository.host, `GET ${path}`, answer);
  const manifest = parseJsonObject(answer.body);
  if (manifest === undefined) throw invalid(repository, "it is not a JSON object");
  return manifest;
}

function indexEntry(entry: { digest?: unknown; platform?: { os?: unknown; architecture?: unknown } } | null) {
  const { os, architecture } = entry?.platform ?? {};
  const platform = [os, architecture].every((part) => typeof part === "string")
    ? `${os}/${architecture}`
    : "";
  return {
    digest: isDigest(entry?.digest) ? entry.digest : "",
    platform: /^[a-z0-9]{1,20}\/[a-z0-9]{1,20}$/.test(platform) ? platform : "unknown",
  };
}

function layersOf(
  repository: Repository,
  { layers, schemaVersion }: Record<string, unknown>,
): Manifest["layers"] {
  if (schemaVersion === 1)
    throw invalid(repository, "it is of schema 1, which container runtimes no longer pull");
  if (!Array.isArray(layers)) throw invalid(repository, "it names no layers");
  return layers.flatMap((layer: { digest?: unknown; size?: unknown } | null) =>
    isDigest(layer?.digest)
      ? [{ digest: layer.digest, size: typeof layer.size === "number" ? layer.size : 0 }]
      : [],
  );
}

function isDigest(value: unknown): value is string {
  return typeof value === "string" && /^sha(256|512):[a-f0-9]{64,128}$/.test(value);
}

function platformMissing(
  { host, name }: Repository,
  platform: string,
  entries: readonly { readonly platform: string }[],
): Failure {
  const has = [...new Set(entries.map((entry) => entry.platform))].filter((one) => one !== "unknown");
  const only = has.length === 0 ? "none that names a platform" : has.slice(0, 8).join(", ");
  return new Failure(`${host}/${name} has no image for ${platform}, which this machine is; it has ${only}`, {
    code: "PlatformMissing",
    endpoint: host,
    remedy: `push the image for ${platform} too: docker buildx build --platform ${platform},… --push`,
  });
}

function invalid({ host, name }: Repository, why: string): Failure {
  return new Failure(`the manifest of ${host}/${name} cannot be used: ${why}`, {
    code: "ManifestInvalid",
    endpoint: host,
    remedy: "push the image again with a current docker, buildah or crane",
  });
}
