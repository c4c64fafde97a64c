import { beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { root } from "../../../scripts/project.ts";
import { executableFormat } from "../../../src/kubelet/executable/elfFile.ts";
import { image, isEnabled } from "../setup/paths.ts";

const NAME = "aliyun-acr-credential-provider";
const pins = JSON.parse(readFileSync(`${root}scripts/image/pinnedPackages.json`, "utf8"));

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations: Readonly<Record<string, string>>;
  readonly platform: { readonly os: string; readonly architecture: string };
}

/** By Debian's name of the architecture: as Node calls it, and where its loader is. */
const machines = {
  amd64: { node: "x64", tuple: "x86_64-linux-gnu", loader: "lib64/ld-linux-x86-64.so.2" },
  arm64: { node: "arm64", tuple: "aarch64-linux-gnu", loader: "lib/ld-linux-aarch64.so.1" },
} as const;

describe.skipIf(!isEnabled)("the image, as it was made", () => {
  let index: { manifests: Descriptor[]; annotations: Record<string, string> };

  beforeAll(() => {
    index = json(top());
  });

  test("is a layout whose every blob has the hash and the size that it is asked for by", () => {
    expect(JSON.parse(read("oci-layout"))).toEqual({ imageLayoutVersion: "1.0.0" });
    const seen = [...descriptorsIn(top())].map(({ digest }) => digest.replace("sha256:", ""));
    expect(new Set(seen)).toEqual(new Set(readdirSync(`${image}/blobs/sha256`)));
    expect(seen.length).toBe(1 + 2 * (1 + 1 + 2));
  });

  test("says its version, its commit and its licences", () => {
    const { version } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
    expect(top().annotations).toEqual({ "org.opencontainers.image.ref.name": version });
    expect(index.annotations).toEqual({
      "org.opencontainers.image.title": NAME,
      "org.opencontainers.image.version": version,
      "org.opencontainers.image.revision": expect.stringMatching(/^[0-9a-f]{40}(-dirty)?$/),
      "org.opencontainers.image.created": expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      "org.opencontainers.image.licenses": "Apache-2.0 AND LGPL-2.1-or-later AND GPL-3.0-or-later",
    });
  });

  describe.each(["amd64", "arm64"] as const)("linux/%s", (architecture) => {
    const { node, tuple, loader } = machines[architecture];
    const folder = `${image}-${architecture}`;
    let config: { rootfs: { diff_ids: string[] }; config: Record<string, unknown> };
    let manifest: { config: Descriptor; layers: Descriptor[]; annotations: Record<string, string> };

    beforeAll(() => {
      const descriptor = index.manifests.find(({ platform }) => platform.architecture === architecture);
      manifest = json(descriptor as Descriptor);
      config = json(manifest.config);
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
    });

    test("its layers are what its config says, and hold only what is needed, owned by root", () => {
      const tars = manifest.layers.map((layer) => gunzipSync(blob(layer)));
      expect(tars.map((tar) => sha256(tar))).toEqual(config.rootfs.diff_ids);
      const listed = tars.flatMap((tar) => lines(["tar", "-tv", "--numeric-owner"], tar));
      expect(listed.filter((line) => !/^[dl-](rwxr-xr-x|rw-r--r--|rwxrwxrwx) 0\/0 /.test(line))).toEqual([]);
      for (const tar of tars) lines(["tar", "-x", "-C", folder], tar);
      const files = lines(["find", folder, "!", "-type", "d", "-printf", "%P\\n"]);
      const libraries = ["libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", loader.split("/").at(-1)];
      expect(files.sort()).toEqual(
        [
          `usr/bin/${NAME}`,
          "usr/sbin/chroot",
          "bin/sleep",
          loader,
          ...libraries.map((name) => `lib/${tuple}/${name}`),
          "usr/share/doc/libc6/copyright",
          "usr/share/doc/coreutils/copyright",
        ].sort(),
      );
    });

    test("its programs are this machine's, and find their loader and their libraries in it", () => {
      for (const program of [`usr/bin/${NAME}`, "usr/sbin/chroot", "bin/sleep"]) {
        const bytes = readFileSync(`${folder}/${program}`);
        expect(
          executableFormat((offset, length) => Buffer.from(bytes.subarray(offset, offset + length))),
        ).toEqual({
          kind: "elf",
          machine: node,
          interpreter: `/${loader}`,
        });
        for (const library of neededBy(`${folder}/${program}`)) {
          expect(statSync(`${folder}/lib/${tuple}/${library}`).isFile()).toBe(true);
        }
      }
      expect(statSync(`${folder}/usr/bin/${NAME}`).mode & 0o777).toBe(0o755);
    });

    test("starts the plugin, and says which of Debian's packages it has", () => {
      expect(config.config.Entrypoint).toEqual([`/usr/bin/${NAME}`]);
      for (const name of ["libc6", "coreutils"]) {
        const { version, sha256 } = pins[name];
        expect(manifest.annotations[`org.debian.package.${name}`]).toBe(
          `${version} ${architecture} sha256:${sha256[architecture]}`,
        );
      }
    });
  });

  test("is the same bytes when it is made again, by another name of the folder and another umask", () => {
    const again = `${image}-again`;
    const { exitCode, stderr } = Bun.spawnSync(
      [
        "sh",
        "-c",
        'umask 077 && exec "$@"',
        "sh",
        process.execPath,
        `${root}scripts/image.ts`,
        "--output",
        again,
      ],
      { env: { ...process.env, TZ: "Asia/Shanghai" } },
    );
    expect({ exitCode, stderr: stderr.toString() }).toEqual({ exitCode: 0, stderr: "" });
    expect(sha256(readFileSync(`${again}.tar`))).toBe(sha256(readFileSync(`${image}.tar`)));
    expect(lines(["diff", "-r", image, again])).toEqual([]);
    for (const path of [again, `${again}.tar`]) rmSync(path, { recursive: true });
  });
});

function top(): Descriptor {
  return JSON.parse(read("index.json")).manifests[0];
}

/** It and all that it leads to, each read by its hash. */
function* descriptorsIn(descriptor: Descriptor): Generator<Descriptor> {
  yield descriptor;
  blob(descriptor);
  if (!descriptor.mediaType.endsWith("+json")) return;
  const { manifests = [], config, layers = [] } = json(descriptor);
  const below = config?.digest === undefined ? [...manifests, ...layers] : [config, ...layers];
  for (const each of below) yield* descriptorsIn(each);
}

function blob({ digest, size }: Descriptor): Buffer {
  const bytes = readFileSync(`${image}/blobs/${digest.replace(":", "/")}`);
  expect({ digest: sha256(bytes), size: bytes.length }).toEqual({ digest, size });
  return bytes;
}

function json(descriptor: Descriptor) {
  return JSON.parse(blob(descriptor).toString());
}

const read = (name: string) => readFileSync(`${image}/${name}`, "utf8");
const sha256 = (bytes: Buffer) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

/** The libraries in the dynamic section, without the loader, as readelf(1) prints them. */
function neededBy(file: string): string[] {
  return lines(["readelf", "-d", file])
    .filter((line) => line.includes("(NEEDED)"))
    .map((line) => /\[(.*)\]/.exec(line)?.[1] ?? "");
}

function lines(command: string[], stdin?: Buffer): string[] {
  const { exitCode, stdout, stderr } = Bun.spawnSync(command, stdin === undefined ? {} : { stdin });
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stderr}${stdout}`);
  return stdout.toString().split("\n").filter(Boolean);
}
