import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { Spec, Validation } from "@cyclonedx/cyclonedx-library";
import { allowedPackages, checkAllowed } from "../../scripts/notices/allowedPackages.ts";
import { bundledPackages } from "../../scripts/notices/notices.ts";
import { root } from "../../scripts/project.ts";
import { builtPath } from "../../scripts/release/releaseFolder.ts";
import { runtimeOf } from "../../scripts/release/runtime.ts";
import { sbomOf } from "../../scripts/release/sbom.ts";
import { builds, type RuntimeName, type Target, targets } from "../../scripts/release/targets.ts";
import { runExecutable } from "../support/executable.ts";
import { copyCheckout } from "./support/checkoutCopy.ts";

describe.each(builds)("the SBOM of $title", ({ target, runtime }) => {
  const built = builtPath(target, runtime);

  test("is valid CycloneDX 1.6, and the same each time", async () => {
    const text = await sbomOf(built, target, runtime);
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
    expect(await validator.validate(text)).toBeNull();
    expect(await validator.validate(text.replace('"library"', '"nonsense"'))).not.toBeNull();
    expect(await sbomOf(built, target, runtime)).toBe(text);
  });

  test("names the executable by its hash and what is bundled", async () => {
    const { metadata, components } = JSON.parse(await sbomOf(built, target, runtime));
    const sha256 = createHash("sha256").update(readFileSync(built)).digest("hex");
    expect(metadata.component.hashes).toEqual([{ alg: "SHA-256", content: sha256 }]);
    const names = components.map(({ name }: { name: string }) => name);
    const last = runtime === "bun" ? "Bun" : "Node.js";
    expect(names).toEqual([...(await bundledPackages(runtime)).map(({ name }) => name), last]);
    expect(names.includes("undici")).toBe(runtime === "node");
  });
});

const componentOf = async (target: Target, runtime: RuntimeName) =>
  JSON.parse(await sbomOf(builtPath(target, runtime), target, runtime)).components.at(-1);

describe.each([...targets])("the runtime in the SBOM of %s", (target) => {
  test("is Bun with its libraries", async () => {
    const runtime = await componentOf(target, "bun");
    expect(runtime.purl).toBe(
      `pkg:npm/%40oven/bun-linux-${target === "linux-x64" ? "x64" : "aarch64"}@${Bun.version}`,
    );
    expect(runtime.components).toContainEqual(
      expect.objectContaining({ name: "JavaScriptCore", version: process.versions.webkit }),
    );
    expect(runtime.components).toContainEqual(
      expect.objectContaining({
        name: "tinycc",
        licenses: [{ license: { name: "LGPL v2.1", acknowledgement: "declared" } }],
      }),
    );
    for (const library of ["zlib-ng", "uWebsockets", "acorn", "boringssl", "sqlite"]) {
      expect(runtime.components).toContainEqual(expect.objectContaining({ name: library }));
    }
    expect(JSON.stringify(runtime)).not.toContain("libuv");
  });

  test("is Node.js with its libraries", async () => {
    const runtime = await componentOf(target, "node");
    expect(runtime.purl).toBe(`pkg:npm/node-${target}@${runtimeOf(target, "node").version}`);
    for (const name of ["v8", "uv", "openssl", "icu", "undici"]) {
      expect(runtime.components).toContainEqual(
        expect.objectContaining({ name, version: expect.stringMatching(/^\d/) }),
      );
    }
  });
});

test("a package that nobody has allowed ends the build, and so does one that is allowed for nothing", () => {
  const allowed = Object.keys(allowedPackages).filter((name) => name !== "undici");
  expect(() => checkAllowed(allowed)).not.toThrow();
  expect(() => checkAllowed([...allowed, "left-pad"])).toThrow("bundle left-pad: not in");
  expect(() => checkAllowed(allowed.slice(1))).toThrow("remove it from");
  expect(() => checkAllowed([...allowed, "undici"])).toThrow("bundle undici: not in");
  expect(() => checkAllowed([...allowed, "undici"], "node")).not.toThrow();
  const checkout = copyCheckout(`${root}.cache/release/allowed`);
  writeFileSync(
    `${checkout}scripts/notices/allowedPackages.ts`,
    readFileSync(`${root}scripts/notices/allowedPackages.ts`, "utf8").replace(/^ {2}yaml: .*$/m, ""),
  );
  const { status, stderr } = spawnSync(process.execPath, ["run", "scripts/build.ts"], {
    cwd: checkout,
    encoding: "utf8",
  });
  expect(status).toBe(1);
  expect(stderr).toContain("bundle yaml: not in scripts/notices/allowedPackages.ts");
  rmSync(checkout, { recursive: true });
});

test("a changed JavaScriptCore can be put into the executable, as its licence asks and NOTICE says", async () => {
  const checkout = copyCheckout(`${root}.cache/release/relinked`);
  const runtime = readFileSync(process.execPath);
  const words = "Maximum call stack size exceeded";
  const at = runtime.indexOf(words);
  expect(at).toBeGreaterThan(0);
  for (let next = at; next >= 0; next = runtime.indexOf(words, next + 1))
    runtime.write(words.toUpperCase(), next);
  const changed = `${checkout}.cache/changed-bun`;
  writeFileSync(changed, runtime, { mode: 0o755 });
  const { status, stderr } = spawnSync(changed, ["run", "scripts/build.ts"], {
    cwd: checkout,
    encoding: "utf8",
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const path = `${checkout}dist/aliyun-acr-credential-provider`;
  expect(readFileSync(path).includes(words.toUpperCase())).toBe(true);
  expect(await runExecutable({ path, args: ["--version"] })).toMatchObject({ status: 0, stderr: "" });
  rmSync(checkout, { recursive: true });
});
