import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { parse, parseAllDocuments } from "yaml";
import { root } from "../../../scripts/project.ts";
import { annotationNames } from "../../../src/access/annotations.ts";
import { assumeRoleCases } from "../support/assumeRoleCases.ts";
import { readProvider } from "../support/kubelet.ts";
import { anchorOf, codeBlocksOf, sectionsOf } from "../support/markdown.ts";
import { perPodCases } from "../support/perPodCases.ts";
import { trustOf } from "../support/ramPolicy.ts";
import { recipesOf } from "../support/recipes.ts";
import { providersOf } from "../support/registrations.ts";

const document = readFileSync(`${root}docs/identity.md`, "utf8");
const recipes = recipesOf(document);
const section = (title: string) => sectionsOf(document, 2).find((one) => one.title === title)?.text ?? "";
const issuer = section("A self-managed cluster's OIDC issuer");
const blocks = codeBlocksOf(issuer);
const [registered] = providersOf(document);

describe("the recipe for an issuer", () => {
  const flags = [
    ...(blocks.find(({ language }) => language === "text")?.text ?? "").matchAll(/^--(\S+?)=(.+)$/gm),
  ];
  const flag = (name: string) => flags.filter(([, found]) => found === name).map(([, , value]) => value);
  const discovery = JSON.parse(blocks.find(({ language }) => language === "json")?.text ?? "{}");

  test("publishes, registers and trusts one and the same issuer", () => {
    expect(registered?.issuer).toMatch(/^https:\/\/[^?#@]{1,247}$/);
    expect(flag("service-account-issuer")[0]).toBe(registered?.issuer);
    expect(discovery.issuer).toBe(registered?.issuer);
    expect(flag("service-account-jwks-uri")).toEqual([discovery.jwks_uri]);
    expect(issuer).toContain(`\`${registered?.issuer}/.well-known/openid-configuration\``);
    expect(issuer).toContain(`\`${discovery.jwks_uri}\``);
    const trusting = recipes.flatMap(({ trusts }) => [...trusts.values()].flatMap(trustOf));
    const own = trusting.filter(({ principal }) => principal.federated?.includes(registered?.arn ?? ""));
    expect(own.length).toBeGreaterThan(2);
    for (const { conditions } of own) {
      expect(conditions?.StringEquals?.["oidc:iss"]).toEqual([registered?.issuer ?? ""]);
      expect(conditions?.StringEquals?.["oidc:aud"]).toEqual(registered?.clientIds ?? []);
    }
  });

  test("lets nodes ask for the audience that the kubelet's config and RAM name", () => {
    const [role, binding] = parseAllDocuments(
      blocks.find(({ text }) => text.includes("ClusterRoleBinding"))?.text ?? "",
    ).map((one) => one.toJS());
    expect(role.rules).toEqual([
      {
        apiGroups: [""],
        resources: registered?.clientIds,
        verbs: ["request-serviceaccounts-token-audience"],
      },
    ]);
    expect(binding.roleRef).toMatchObject({ kind: role.kind, name: role.metadata.name });
    expect(binding.subjects).toEqual([
      { apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "system:nodes" },
    ]);
    for (const { kubelet } of recipes) {
      const { tokenAttributes } = readProvider(kubelet);
      if (tokenAttributes)
        expect([tokenAttributes.serviceAccountTokenAudience]).toEqual(registered?.clientIds ?? []);
    }
  });
});

test("the kubelet's config for 1.33 is recipe 5's without cacheType, and neither is valid for the other", () => {
  const text = codeBlocksOf(section("Kubernetes 1.33"))[0]?.text ?? "";
  const recipe = recipes[4]?.kubelet ?? "";
  expect(parse(text)).toEqual(parse(recipe.replace(/^ *cacheType: .*\n/m, "")));
  expect(() => readProvider(text, "1.33")).not.toThrow();
  expect(() => readProvider(text, "1.34")).toThrow("cacheType");
  expect(() => readProvider(recipe, "1.33")).toThrow("cacheType");
});

describe("the tables", () => {
  const rows = section("Errors")
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => line.split(" | ").map((cell) => cell.trim()));
  const codes = new Set([...perPodCases, ...assumeRoleCases].map(({ code }) => code));

  test.each([...codes])("say what %s means and what to do", (code) => {
    const row = rows.find(([first]) => first?.includes(`\`${code}\``));
    expect(row).toHaveLength(3);
    expect(row?.[1]).toMatch(/\w{3}/);
    expect(row?.[2]).toMatch(/\w{3}/);
  });

  test.each(Object.values(annotationNames))("have the annotation %s", (name) => {
    expect(section("Annotations")).toContain(`| \`${name}\``);
  });

  test("have every source that the config knows", () => {
    const schema = JSON.parse(readFileSync(`${root}node-config/config.schema.json`, "utf8"));
    const known: string[] = schema.definitions.IdentitySourceName.enum;
    expect(known.length).toBeGreaterThan(6);
    for (const name of known) expect(section("Sources")).toContain(`| \`${name}\``);
  });
});

test.each(["Policies", "Kubelet configs"])("every block of the chapter %s is part of a recipe", (title) => {
  const anchors = sectionsOf(section(title), 3).map((block) => anchorOf(block.title));
  expect(anchors.length).toBeGreaterThan(2);
  for (const anchor of anchors) expect(section("Recipes")).toContain(`](#${anchor})`);
});

test("every link within the document leads somewhere", () => {
  const anchors = [...document.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) => anchorOf(title));
  const links = [...document.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor ?? "");
  expect(links.length).toBeGreaterThan(20);
  for (const link of links) expect(anchors).toContain(link);
});

test("SECURITY.md, where the document sends its reader, says of each annotation who could abuse it", () => {
  const security = readFileSync(`${root}SECURITY.md`, "utf8");
  const heading = /SECURITY\.md#([\w-]+)/.exec(document)?.[1]?.replaceAll("-", " ");
  const text = sectionsOf(security, 2).find(({ title }) => title.toLowerCase() === heading)?.text ?? "";
  for (const name of Object.values(annotationNames))
    expect(text).toMatch(new RegExp(`^\\| .*\`${name}\``, "m"));
});
