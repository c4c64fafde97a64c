import { afterEach, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename } from "node:path";
import Ajv from "ajv";
import { parse } from "yaml";
import { root } from "../../scripts/project.ts";
import { testAsRoot } from "../install/support/asRoot.ts";
import { debNode } from "../install/support/nodeTree.ts";
import { BIN, NAME, names, removeTrees, tree, useTree } from "../install/support/onTree.ts";
import { executable } from "../support/executable.ts";

const text = readFileSync(`${root}node-config/cloud-init.yaml`, "utf8");
const userData = parse(text) as { write_files: { path: string; content: string }[]; runcmd: [string] };

/** Of Debian's package cloud-init, which .ci/run unpacks. */
const schemaFile = [".cache/cloud-init", ""]
  .map((place) => (place === "" ? "" : `${root}${place}`))
  .map(
    (place) => `${place}/usr/lib/python3/dist-packages/cloudinit/config/schemas/schema-cloud-config-v1.json`,
  )
  .find((path) => existsSync(path));

describe("node-config/cloud-init.yaml", () => {
  removeTrees();
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });

  test("is user data", () => expect(text).toStartWith("#cloud-config\n"));

  test.skipIf(schemaFile === undefined)(
    "cloud-init's own schema takes it (skipped where that is not here)",
    () => {
      const schema = JSON.parse(readFileSync(schemaFile ?? "", "utf8"));
      const validate = new Ajv({ strict: false, validateFormats: false, logger: false }).compile({
        ...schema,
        $schema: undefined,
      });
      expect({ isValid: validate(userData), errors: validate.errors }).toEqual({
        isValid: true,
        errors: null,
      });
      expect(validate({ ...userData, runcmd: "no list" })).toBe(false);
    },
  );

  testAsRoot("its commands put the plugin on a node, and stop at a file that is not the one", async () => {
    useTree(debNode);
    const folder = mkdtempSync(`${tmpdir()}/acr-cloud-init-`);
    folders.push(folder);
    for (const { path, content } of userData.write_files)
      writeFileSync(`${folder}/${basename(path)}`, content, { mode: 0o600 });
    writeFileSync(
      `${folder}/config.yaml`,
      readFileSync(`${folder}/config.yaml`, "utf8").replace("cri-xxxxxxxxxxxxxxxx", "cri-corp000000000000"),
    );
    const wrong = run(folder);
    expect({ exitCode: wrong.exitCode, said: wrong.stderr.toString() }).toEqual({
      exitCode: 1,
      said: expect.stringContaining("did NOT match"),
    });
    expect(tree.has(BIN)).toBe(false);
    const sums = readFileSync(`${folder}/SHA256SUMS`, "utf8");
    const sum = createHash("sha256").update(readFileSync(executable)).digest("hex");
    writeFileSync(`${folder}/SHA256SUMS`, sums.replace(/0{64}/, sum));
    const { exitCode, stderr } = run(folder);
    expect({ exitCode, said: stderr.toString() }).toEqual({ exitCode: 0, said: "" });
    expect(names("/etc/kubernetes/credential-provider.yaml")).toEqual([NAME]);
    expect(tree.read(`/etc/${NAME}/config.yaml`)).toContain("instanceName: corp");
  });

  /** The one script, for the tree and with the executable that was built here. */
  function run(folder: string) {
    const [script] = userData.runcmd;
    const here = script
      .replace("/root/aliyun-acr-credential-provider", folder)
      .replace("https://files.example.com/aliyun-acr-credential-provider-linux-x64", `file://${executable}`)
      .replace("node install", `node install --root ${tree.root}`);
    return Bun.spawnSync(["sh", "-c", here]);
  }
});
