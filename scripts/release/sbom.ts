/** The bill of materials of an executable, as CycloneDX 1.6: https://cyclonedx.org/docs/1.6/json/ */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { allowedPackages } from "../notices/allowedPackages.ts";
import { nodeLibraries } from "../notices/nodeLibraries.ts";
import { type BundledPackage, bundledPackages } from "../notices/notices.ts";
import { type RuntimeLibrary, runtimeLibraries } from "../notices/runtimeLibraries.ts";
import { root } from "../project.ts";
import { type Runtime, runtimeOf } from "./runtime.ts";
import type { RuntimeName, Target } from "./targets.ts";

/** The words of Bun's page that mean one SPDX licence; others stay words. */
const spdx: Readonly<Record<string, string>> = {
  "Apache 2.0": "Apache-2.0",
  "Apache 2.0 licensed": "Apache-2.0",
  "BSD 2-Clause": "BSD-2-Clause",
  "BSD 3-Clause": "BSD-3-Clause",
  MIT: "MIT",
  "MIT licensed": "MIT",
  zlib: "Zlib",
};

/**
 * What is inside the executable at `path`: the packages that the bundler took code from, and the runtime with its libraries.
 * The same executable always gives the same bytes, so it has no time.
 * @throws Error where a package has no hash in the lock file.
 */
export async function sbomOf(path: string, target: Target, runtime: RuntimeName = "bun"): Promise<string> {
  const own = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
  const sha256 = createHash("sha256").update(readFileSync(path)).digest("hex");
  const packages = (await bundledPackages(runtime)).map(packageComponent);
  const platform = runtime === "bun" ? bunComponent(target) : nodeComponent(target);
  const main = {
    "bom-ref": "executable",
    type: "application",
    name: own.name,
    version: own.version,
    description: `${own.description} (${runtime === "node" ? "Node.js flavour, " : ""}${target})`,
    licenses: [{ license: { id: own.license, acknowledgement: "declared" } }],
    hashes: [{ alg: "SHA-256", content: sha256 }],
  };
  const inside = [...packages, platform];
  const bom = {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: `urn:uuid:${sha256.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*/, "$1-$2-8$3-8$4-$5")}`,
    version: 1,
    metadata: { component: main },
    components: inside,
    dependencies: [
      { ref: main["bom-ref"], dependsOn: inside.map((component) => component["bom-ref"]) },
      ...inside.map((component) => ({ ref: component["bom-ref"] })),
    ],
  };
  return `${JSON.stringify(bom, null, 2)}\n`;
}

function packageComponent({ name, version, license }: BundledPackage) {
  const { integrity } = JSON.parse(readFileSync(`${root}package-lock.json`, "utf8")).packages[
    `node_modules/${name}`
  ];
  return {
    "bom-ref": purl(name, version),
    type: "library",
    name,
    version,
    description: allowedPackages[name] ?? "",
    hashes: [sha512(name, integrity)],
    licenses: [{ license: { id: license, acknowledgement: "declared" } }],
    purl: purl(name, version),
  };
}

function bunComponent(target: Target) {
  return {
    ...platformComponent("Bun", runtimeOf(target)),
    description: "the runtime, unchanged",
    components: runtimeLibraries().map(libraryComponent),
  };
}

function nodeComponent(target: Target) {
  return {
    ...platformComponent("Node.js", runtimeOf(target, "node")),
    description: "the runtime, unchanged but for the script in it",
    components: nodeLibraries(target).map(({ name, version }) => ({
      "bom-ref": `node/${name}`,
      type: "library",
      name,
      version,
      licenses: [{ license: { name: "stands in the LICENSE of Node.js", acknowledgement: "declared" } }],
    })),
  };
}

function platformComponent(title: string, { name, version, integrity }: Runtime) {
  return {
    "bom-ref": purl(name, version),
    type: "platform",
    name: title,
    version,
    hashes: [sha512(name, integrity)],
    licenses: [{ license: { id: "MIT", acknowledgement: "declared" } }],
    purl: purl(name, version),
  };
}

function libraryComponent({ name, version, license, url }: RuntimeLibrary) {
  const id = spdx[license];
  return {
    "bom-ref": `bun/${name}`,
    type: "library",
    name,
    ...(version === undefined ? {} : { version }),
    licenses: [
      { license: { ...(id === undefined ? { name: license } : { id }), acknowledgement: "declared" } },
    ],
    externalReferences: [{ type: "website", url }],
  };
}

/** https://github.com/package-url/purl-spec/blob/main/types-doc/npm-definition.md */
const purl = (name: string, version: string) => `pkg:npm/${name.replace("@", "%40")}@${version}`;

/** From npm's form (base64) to CycloneDX's (hexadecimal): the hash of the package as it was downloaded. */
function sha512(name: string, integrity: unknown) {
  const base64 = typeof integrity === "string" ? /^sha512-(.+)$/.exec(integrity)?.[1] : undefined;
  if (base64 === undefined) throw new Error(`describe ${name}: package-lock.json has no SHA-512 of it`);
  return { alg: "SHA-512", content: Buffer.from(base64, "base64").toString("hex") };
}
