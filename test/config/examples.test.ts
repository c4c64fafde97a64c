import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import schema from "../../node-config/config.schema.json" with { type: "json" };
import { root } from "../../scripts/project.ts";
import { outcomes } from "../../src/commands/explain/explanation.ts";
import { secretKeys } from "../../src/config/configSource.ts";
import { logLevels } from "../../src/log/runLine.ts";
import { said, validated } from "./support.ts";

const examples = `${import.meta.dir}/../../node-config/examples`;

describe("the examples in node-config", () => {
  test.each(readdirSync(examples))("%s is a config without a mistake, to be filled in", async (name) => {
    const { errors, warnings } = await validated(readFileSync(`${examples}/${name}`, "utf8"));
    expect(said(errors)).toEqual([]);
    const [placeholders, others] = [/of an example: write your own$/, /tokenAttributes/].map((form) =>
      said(warnings).filter((text) => form.test(text)),
    );
    expect(said(warnings).filter((text) => !placeholders?.includes(text))).toEqual(others ?? []);
    expect(placeholders).not.toEqual([]);
  });
});

describe("docs/configuration.md, also in Chinese, and docs/migrating.md", () => {
  const blocks = ["configuration", "migrating", "zh-CN/configuration"].flatMap((name) =>
    [...readFileSync(`${root}docs/${name}.md`, "utf8").matchAll(/^( *)```yaml\n([\s\S]*?)^ *```$/gm)].map(
      ([, indent = "", text = ""], index) => ({
        name: `${name}.md, example ${index + 1}`,
        text: text.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
      }),
    ),
  );

  test.each(blocks)("$name is a config without a mistake", async ({ text }) => {
    expect(said((await validated(text)).errors)).toEqual([]);
  });

  test("the outcomes of explain are all there", () => {
    const text = readFileSync(`${root}docs/configuration.md`, "utf8");
    const table = text.slice(text.indexOf("| outcome | meaning |"), text.indexOf("It exits 0 whatever"));
    expect([...table.matchAll(/^\| `(\w+)` /gm)].map(([, outcome = ""]) => outcome)).toEqual([...outcomes]);
  });

  test("the tables are those of the schema", () => {
    expect(blocks.length).toBeGreaterThan(4);
    const { exitCode, stderr } = Bun.spawnSync([process.execPath, "scripts/configurationDoc.ts", "--check"], {
      cwd: root,
    });
    expect({ exitCode, stderr: stderr.toString() }).toEqual({ exitCode: 0, stderr: "" });
  });
});

describe("the schema", () => {
  const identity = Object.entries<object>(schema.definitions.IdentityConfig.properties);

  test("marks the keys that hold a secret, and they are those that are redacted", () => {
    const marked = identity.filter(([, rules]) => "writeOnly" in rules).map(([key]) => key);
    expect(marked).toEqual([...secretKeys]);
  });

  test("names the levels that runs are logged with", () => {
    expect(schema.properties.log.properties.level.enum).toEqual([...logLevels]);
  });

  test("says in words what every pattern requires", () => {
    const wordless: string[] = [];
    const visit = (rules: unknown, path: string) => {
      if (typeof rules !== "object" || rules === null) return;
      if ("pattern" in rules && typeof rules.pattern === "string" && !("patternErrorMessage" in rules))
        wordless.push(path);
      for (const [key, inner] of Object.entries(rules)) visit(inner, `${path}/${key}`);
    };
    visit(schema, "");
    expect(wordless).toEqual([]);
  });
});
