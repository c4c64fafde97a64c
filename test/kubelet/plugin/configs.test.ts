import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { readCredentialProviderConfig } from "../../../src/kubelet/credentialProviderConfig/credentialProviderConfig.ts";
import { kubeletRelease } from "../../../src/kubelet/kubeletRelease.ts";
import { configCases } from "../../kubeletConfig/configCases.ts";
import type { Release } from "../setup/releases.ts";
import {
  type ComparableProvider,
  type KubeletConfigs,
  startKubeletConfigs,
} from "../support/kubeletConfigs.ts";
import { editedTexts, mutatedConfigs } from "../support/mutatedConfigs.ts";
import { describeForEachRelease } from "../support/nodeWithKubelet.ts";
import { startPluginCode } from "../support/pluginCode.ts";

/** What both sides say of a config, in the same words. */
interface Judgement {
  readonly providers: readonly ComparableProvider[];
  readonly hash: string;
}

async function ours(path: string, release: Release): Promise<Judgement | string> {
  const verdict = await readCredentialProviderConfig(path, { release: kubeletRelease(release.minor) });
  if (!verdict.accepted) return verdict.problems.map(({ message }) => message).join("; ");
  const providers = verdict.providers.map(({ file, index, line, patternLines, ...provider }) => provider);
  return { providers, hash: verdict.hash };
}

async function theirs(path: string, kubelet: KubeletConfigs): Promise<Judgement | string> {
  const { accepted, providers, hash, error = "" } = await kubelet.judge(path);
  // Not these functions but the search for its executable refuses an empty name: see the test of registration below.
  if (accepted && providers.some(({ name }) => name === "")) return "an empty name";
  return accepted ? { providers, hash } : error;
}

interface Difference {
  readonly text: string;
  readonly ours: Judgement | string;
  readonly theirs: Judgement | string;
}

async function bothJudge(path: string, release: Release, kubelet: KubeletConfigs) {
  const both = { ours: await ours(path, release), theirs: await theirs(path, kubelet) };
  const isRefused = typeof both.ours === "string";
  const agree = isRefused ? typeof both.theirs === "string" : Bun.deepEquals(both.ours, both.theirs);
  return { ...both, isRefused, agree };
}

/** Judges all texts on both sides; what they agree on is counted. */
async function compare(release: Release, texts: readonly string[]) {
  const folder = mkdtempSync(`${tmpdir()}/acr-kubelet-configs-`);
  const kubelet = startKubeletConfigs(release);
  const counts = { accepted: 0, refused: 0 };
  const differences: Difference[] = [];
  for (const text of texts) {
    writeFileSync(`${folder}/config`, text);
    const { agree, isRefused, ...both } = await bothJudge(`${folder}/config`, release, kubelet);
    if (!agree) differences.push({ text, ...both });
    else counts[isRefused ? "refused" : "accepted"]++;
  }
  await kubelet.stop();
  rmSync(folder, { recursive: true });
  return { ...counts, differences };
}

/** A config of one provider, in a file of its own. */
const named = (name: string) => configCases[0]?.text.replace('"acr"', JSON.stringify(name)) ?? "";

/** Directories by what is in them: the content of a file, the target of a link, or a directory. */
const directories: readonly (readonly [
  about: string,
  entries: Readonly<Record<string, string | { readonly link: string } | "directory">>,
  names: readonly string[] | undefined,
])[] = [
  [
    "files in the order of their names",
    { "b.yaml": named("b"), "a.yml": named("a"), "c.json": named("c") },
    ["a", "b", "c"],
  ],
  [
    "capital letters before small ones, and others after",
    { "a.yaml": named("a"), "Z.yaml": named("z"), "\u00e9.yaml": named("e") },
    ["z", "a", "e"],
  ],
  ["hidden files too", { ".a.yaml": named("a"), ".yaml": named("b") }, ["a", "b"]],
  [
    "no other files",
    { "a.yaml": named("a"), "b.yaml.bak": named("b"), "c.tmp": named("c"), "d.YAML": named("d"), yaml: "x" },
    ["a"],
  ],
  ["no directories", { "a.yaml": named("a"), "b.yaml": "directory" }, ["a"]],
  ["links", { "a.yaml": { link: "b.txt" }, "b.txt": named("b") }, ["b"]],
  ["a link to nothing", { "a.yaml": named("a"), "b.yaml": { link: "none" } }, undefined],
  ["a link to a directory", { "a.yaml": named("a"), "b.yaml": { link: "c" }, c: "directory" }, undefined],
  ["one name in two files", { "a.yaml": named("a"), "b.yaml": named("a") }, undefined],
  ["one file with a mistake", { "a.yaml": named("a"), "b.yaml": "kind: x" }, undefined],
  ["an empty file beside another", { "a.yaml": named("a"), "b.yaml": "" }, undefined],
  [
    "a file without providers beside another",
    { "a.yaml": named("a"), "b.yaml": named("b").replace(/"providers": .*$/s, '"providers": []}') },
    ["a"],
  ],
  ["nothing that ends right", { "a.conf": named("a") }, undefined],
  ["nothing", {}, undefined],
];

/** Some YAML that the kubelet takes is refused by our port; it says what to write instead. */
const stricter =
  /indent that line|put the text in quotes|write the space|remove the tag|is not valid YAML|has a tab|further (left|right)/;

describeForEachRelease("our port of the rules for its config", (release) => {
  test("judges every case as the kubelet does, and reads the same from it", async () => {
    const { differences, accepted, refused } = await compare(
      release,
      configCases.map(({ text }) => text),
    );
    expect(differences).toEqual([]);
    expect(accepted).toBe(configCases.filter((each) => each.refused === undefined).length);
    expect(refused).toBeGreaterThan(60);
  });

  test("the kubelet registers the providers of every case that is accepted, and of no other", async () => {
    const folder = mkdtempSync(`${tmpdir()}/acr-kubelet-configs-`);
    mkdirSync(`${folder}/bin`);
    for (const name of ["acr", "other"]) symlinkSync("/bin/true", `${folder}/bin/${name}`);
    for (const { about, text, refused } of configCases) {
      writeFileSync(`${folder}/config`, text);
      const env = { GODEBUG: release.godebug };
      const starting = startPluginCode({ release, config: `${folder}/config`, binDir: `${folder}/bin`, env });
      const registered = await starting.then(
        async (kubelet) => {
          await kubelet.stop();
          return true;
        },
        () => false,
      );
      expect({ about, registered }).toEqual({ about, registered: refused === undefined });
    }
    rmSync(folder, { recursive: true });
  });

  test.each(["JSON", "YAML"] as const)(
    "judges configs changed at random as the kubelet does: %s",
    async (format) => {
      const { differences, accepted, refused } = await compare(release, mutatedConfigs(format, 4_000, 1));
      expect(differences).toEqual([]);
      expect(Math.min(accepted, refused)).toBeGreaterThan(300);
    },
  );

  test("accepts no text edited at random that the kubelet refuses", async () => {
    const { differences, accepted, refused } = await compare(release, editedTexts(4_000, 1));
    expect(differences.filter(({ ours }) => typeof ours !== "string" || !stricter.test(ours))).toEqual([]);
    expect(differences.length).toBeLessThan(40);
    expect(Math.min(accepted, refused)).toBeGreaterThan(300);
  });

  test.each(directories)("reads a directory with %s as the kubelet does", async (_, entries, names) => {
    const folder = mkdtempSync(`${tmpdir()}/acr-kubelet-configs-`);
    for (const [name, content] of Object.entries(entries)) {
      if (content === "directory") mkdirSync(`${folder}/${name}`);
      else if (typeof content === "string") writeFileSync(`${folder}/${name}`, content);
      else symlinkSync(content.link, `${folder}/${name}`);
    }
    const kubelet = startKubeletConfigs(release);
    const { agree, isRefused, ...both } = await bothJudge(folder, release, kubelet);
    expect({ agree, ...both }).toEqual({ agree: true, ...both });
    const found = typeof both.ours === "string" ? undefined : both.ours.providers.map(({ name }) => name);
    expect(found).toEqual(names as string[] | undefined);
    await kubelet.stop();
    rmSync(folder, { recursive: true });
  });

  test("refuses a path that leads nowhere", async () => {
    const kubelet = startKubeletConfigs(release);
    const { isRefused, agree } = await bothJudge(`${tmpdir()}/acr-kubelet-configs-none`, release, kubelet);
    expect({ isRefused, agree }).toEqual({ isRefused: true, agree: true });
    await kubelet.stop();
  });
});
