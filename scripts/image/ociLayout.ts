/** Writes an OCI image layout (image-spec 1.1, image-layout.md): a folder of blobs by their hash. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Architecture } from "./debianPackages.ts";

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: { readonly os: "linux"; readonly architecture: Architecture };
}

export interface Layer {
  readonly descriptor: Descriptor;
  /** The hash of the tar before it was compressed. */
  readonly diffId: string;
  /** What it is, for whoever reads the image's history. */
  readonly about: string;
}

export interface ImageOptions {
  readonly architecture: Architecture;
  readonly layers: readonly Layer[];
  readonly entrypoint: readonly string[];
  readonly annotations: Readonly<Record<string, string>>;
  /** Epoch seconds: the only time that the image holds. */
  readonly epoch: number;
}

export interface OciLayout {
  /** Everything below a folder, owned by root, as a compressed layer. */
  layer(folder: string, about: string, epoch: number): Promise<Layer>;
  image(options: ImageOptions): Descriptor;
  /** One image for several platforms, by a name that `index.json` knows it by. */
  index(
    manifests: readonly Descriptor[],
    annotations: Readonly<Record<string, string>>,
    ref: string,
  ): Descriptor;
}

const media = "application/vnd.oci.image";

/** Begins an empty one. */
export function ociLayout(folder: string): OciLayout {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(`${folder}/blobs/sha256`, { recursive: true });
  writeFileSync(`${folder}/oci-layout`, JSON.stringify({ imageLayoutVersion: "1.0.0" }));

  const blob = (mediaType: string, bytes: Buffer): Descriptor => {
    const digest = digestOf(bytes);
    writeFileSync(`${folder}/blobs/${digest.replace(":", "/")}`, bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const jsonBlob = (mediaType: string, value: object) => blob(mediaType, Buffer.from(JSON.stringify(value)));

  return {
    async layer(source, about, epoch) {
      const tar = tarOf(source, epoch);
      const descriptor = blob(`${media}.layer.v1.tar+gzip`, await promisify(gzip)(tar));
      return { descriptor, diffId: digestOf(tar), about };
    },
    image({ architecture, layers, entrypoint, annotations, epoch }) {
      const created = new Date(epoch * 1000).toISOString();
      const platform = { os: "linux", architecture } as const;
      const config = jsonBlob(`${media}.config.v1+json`, {
        created,
        ...platform,
        config: {
          Entrypoint: entrypoint,
          Env: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"],
          Labels: annotations,
        },
        rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
        history: layers.map(({ about }) => ({ created, created_by: about })),
      });
      const manifest = jsonBlob(`${media}.manifest.v1+json`, {
        schemaVersion: 2,
        mediaType: `${media}.manifest.v1+json`,
        config,
        layers: layers.map(({ descriptor }) => descriptor),
        annotations,
      });
      return { ...manifest, platform };
    },
    index(manifests, annotations, ref) {
      const mediaType = `${media}.index.v1+json`;
      const index = jsonBlob(mediaType, { schemaVersion: 2, mediaType, manifests, annotations });
      const named = { ...index, annotations: { "org.opencontainers.image.ref.name": ref } };
      writeFileSync(
        `${folder}/index.json`,
        JSON.stringify({ schemaVersion: 2, mediaType, manifests: [named] }),
      );
      return index;
    },
  };
}

/** The same bytes for the same files, whoever owns them here and whenever they were written. @throws Error */
export function tarOf(folder: string, epoch: number): Buffer {
  const same = `--format=ustar --sort=name --mtime=@${epoch} --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX`;
  const args = ["--create", ...same.split(" "), "-C", folder, ...readdirSync(folder).sort()];
  const { status, stdout, stderr, error } = spawnSync("tar", args, { maxBuffer: 1024 ** 3 });
  if (status !== 0) throw new Error(`tar ${args.join(" ")}: ${error?.message ?? stderr}`);
  return stdout;
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
