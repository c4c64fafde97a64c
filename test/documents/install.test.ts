import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { parse } from "yaml";
import { root } from "../../scripts/project.ts";
import { codeBlocksOf } from "../identity/support/markdown.ts";
import { describeAsRoot } from "../install/support/asRoot.ts";
import { debNode, k3sNode, microK8sNode, rke2Node, rpmNode } from "../install/support/nodeTree.ts";
import { done, NAME, removeTrees, tree, useTree } from "../install/support/onTree.ts";
import { executable } from "../support/executable.ts";
import { type MarkedBlock, markedBlocks } from "./support/markedBlocks.ts";

/** docs/install.md, executed on the node trees of test/install. */
const file = `${root}docs/install.md`;
const blocks = markedBlocks(file).filter(({ where }) => where === "run on");
const blocksFor = (name: string) => blocks.filter(({ what }) => what.split(" ").includes(name));

const nodes = { deb: debNode, rpm: rpmNode, k3s: k3sNode, rke2: rke2Node, microk8s: microK8sNode };
/** Those that one block is for, each time anew. */
const places = { empty: {}, flatcar: debNode, image: debNode };

const config = `apiVersion: aliyun-acr-credential-provider/v1
kind: ProviderConfig
registries:
  - {instanceId: cri-corp000000000000, regionId: cn-hangzhou, domains: [images.example.com]}
`;

describeAsRoot("docs/install.md", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(`${tmpdir()}/acr-install-`);
    symlinkSync(executable, `${folder}/${NAME}`);
    writeFileSync(`${folder}/config.yaml`, config, { mode: 0o600 });
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  removeTrees();
  afterEach(() => expect(ran.splice(0)).not.toBeEmpty());

  /** What was run in a test. */
  const ran: string[] = [];

  /** Runs a block in the folder of the executable, for the tree. @returns what it prints. */
  function run({ lines }: Pick<MarkedBlock, "lines">): string {
    const text = lines
      .join("\n")
      .replaceAll("--root /mnt/image", "")
      .replace(/ node (install|uninstall|status)\b/g, ` node $1 --root ${tree.root}`);
    const { exitCode, stdout, stderr } = Bun.spawnSync(["bash", "-ec", text], { cwd: folder });
    ran.push(text);
    expect({ text, exitCode, stderr: stderr.toString() }).toEqual({ text, exitCode: 0, stderr: "" });
    return stdout.toString();
  }

  test("every block of a shell is run, or is for helm or a registry", () => {
    const others = codeBlocksOf(readFileSync(file, "utf8"))
      .filter(({ language, caption }) => language === "sh" && !caption.startsWith("<!--"))
      .map(({ text }) => text.split("\n").map((line) => line.split(" ").slice(0, 2).join(" ")));
    ran.push("none");
    expect(others).toEqual([[`./${NAME} doctor`], ["helm install", "helm upgrade"]]);
    const named = new Set(blocks.flatMap(({ what }) => what.split(" ")));
    expect([...named].sort()).toEqual(Object.keys({ ...nodes, ...places }).sort());
  });

  test.each(Object.entries(nodes))("%s: from the first install to the last trace", async (name, files) => {
    useTree(files);
    const before = tree.state();
    const [install, upgrade, rollback, uninstall, ...more] = blocksFor(name);
    expect(more).toEqual([]);
    const said = run(install as MarkedBlock);
    expect(said).toContain("would be installed");
    expect(said).toContain("installed: yes, wired: yes, running: no");
    expect(tree.read(`/etc/${NAME}/config.yaml`)).toBe(config);
    const installed = tree.state();
    run(upgrade as MarkedBlock);
    run(rollback as MarkedBlock);
    expect(tree.state()).toEqual(installed);
    run(uninstall as MarkedBlock);
    expect(tree.state()).toEqual(before);
  });

  const singles = Object.entries(places).flatMap(([name, files]) =>
    blocksFor(name).map((block) => [`${name}: ${block.lines.join(" ")}`, block, files] as const),
  );
  test.each(singles)("%s", async (_, block, files) => {
    useTree(files);
    const said = run(block);
    if (said.startsWith("#")) {
      const [provider] = parse(said).providers;
      expect(provider).toMatchObject({ name: NAME, matchImages: ["images.example.com"] });
      return;
    }
    expect(JSON.parse(await done("status", "--output", "json"))).toMatchObject({ isInstalled: true });
    const [, binDir] = /--bin-dir (\S+)/.exec(block.lines.join(" ")) ?? [];
    if (binDir !== undefined) expect(tree.has(`${binDir}/${NAME}`)).toBe(true);
  });

  test("the playbook: its command, and that it knows when it has changed something", () => {
    useTree(debNode);
    const [play] = codeBlocksOf(readFileSync(file, "utf8"))
      .filter(({ language }) => language === "yaml")
      .map(({ text }) => parse(text));
    const { "ansible.builtin.command": command, changed_when } = play[0].tasks.at(-1);
    const [, pattern = ""] = /search\('(.*)'\)$/.exec(changed_when) ?? [];
    const changes = () => new RegExp(pattern).test(run({ lines: [command.cmd] }));
    expect([changes(), changes()]).toEqual([true, false]);
  });
});
