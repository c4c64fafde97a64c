import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { podProgram } from "../setup/paths.ts";
import { run, state } from "./inside.ts";

const types = {
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar",
};

/** An image of one layer with one program, which waits to be told to stop. */
export interface Image {
  readonly manifest: Buffer;
  readonly blobs: readonly Buffer[];
}

/** The layer with the program, as a tar file. */
export function makeLayer(): Buffer {
  const rootfs = `${state}/rootfs`;
  mkdirSync(rootfs, { recursive: true });
  copyFileSync(podProgram, `${rootfs}/wait`);
  run("tar", "-cf", `${state}/layer.tar`, "-C", rootfs, "wait");
  return readFileSync(`${state}/layer.tar`);
}

/** Images with different labels have different digests. */
export function makeImage(layer = makeLayer(), labels: Readonly<Record<string, string>> = {}): Image {
  const config = json({
    architecture: process.arch === "x64" ? "amd64" : process.arch,
    os: "linux",
    config: { Entrypoint: ["/wait"], Labels: labels },
    rootfs: { type: "layers", diff_ids: [digestOf(layer)] },
  });
  const manifest = json({
    schemaVersion: 2,
    mediaType: types.manifest,
    config: { mediaType: types.config, digest: digestOf(config), size: config.length },
    layers: [{ mediaType: types.layer, digest: digestOf(layer), size: layer.length }],
  });
  return { manifest, blobs: [config, layer] };
}

/** Pushes to a registry without authentication: `push("http://127.0.0.1:5000", "ns/app", "1", image)`. */
export async function pushImage(
  registry: string,
  repository: string,
  tag: string,
  image: Image,
): Promise<void> {
  const url = `${registry}/v2/${repository}`;
  for (const blob of image.blobs) {
    if ((await fetch(`${url}/blobs/${digestOf(blob)}`, { method: "HEAD" })).ok) continue;
    const started = await expectStatus(202, await fetch(`${url}/blobs/uploads/`, { method: "POST" }));
    const upload = new URL(started.headers.get("location") ?? "", registry);
    upload.searchParams.set("digest", digestOf(blob));
    await expectStatus(201, await fetch(upload, { method: "PUT", body: new Uint8Array(blob) }));
  }
  const headers = { "content-type": types.manifest };
  const body = new Uint8Array(image.manifest);
  await expectStatus(201, await fetch(`${url}/manifests/${tag}`, { method: "PUT", headers, body }));
}

async function expectStatus(status: number, response: Response): Promise<Response> {
  if (response.status === status) return response;
  throw new Error(`${response.url} answered ${response.status}: ${await response.text()}`);
}

const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const digestOf = (content: Buffer) => `sha256:${createHash("sha256").update(content).digest("hex")}`;
