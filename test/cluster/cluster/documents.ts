import { readFileSync } from "node:fs";
import { root } from "../../../scripts/project.ts";
import { codeBlocksOf, sectionsOf } from "../../identity/support/markdown.ts";

/** docs/identity.md, whose commands and manifests the cluster is made and used with. */
export const identityDocument = readFileSync(`${root}docs/identity.md`, "utf8");

const issuerChapter =
  sectionsOf(identityDocument, 2).find(({ title }) => title.includes("OIDC issuer"))?.text ?? "";

/** The block of this language in a step (`### 1. …`) of the chapter on the cluster's issuer. */
function blockOfStep(step: number, language: string): string {
  const section = sectionsOf(issuerChapter, 3).find(({ title }) => title.startsWith(`${step}. `));
  const block = codeBlocksOf(section?.text ?? "").find((each) => each.language === language);
  if (block === undefined)
    throw new Error(`docs/identity.md has no ${language} block in step ${step} of the issuer`);
  return block.text;
}

/** The flags that make the API server an issuer of tokens that RAM can trust. */
export const issuerFlags: readonly string[] = blockOfStep(1, "text").split("\n");

/** Lets nodes ask for tokens of the plugin's audience: YAML of a ClusterRole and its binding. */
export const audienceRole: string = blockOfStep(3, "yaml");

/** What the API server is asked for, and what it must say to the first. */
export const issuerDocuments = {
  commands: [...blockOfStep(1, "sh").matchAll(/^kubectl get --raw (\S+)/gm)].map(([, path = ""]) => path),
  expected: blockOfStep(1, "json"),
};

/** Gets a token with kubectl, and lets the plugin explain an image with it. */
export const tokenCommands: string = blockOfStep(4, "sh");
