import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import schema from "../../node-config/config.schema.json" with { type: "json" };
import { secretKeys } from "../../src/config/problem.ts";
import { said, validated } from "./support.ts";

const examples = `${import.meta.dir}/../../node-config/examples`;

describe("the examples in node-config", () => {
  test.each(readdirSync(examples))("%s is a config without a mistake", async (name) => {
    const { errors, warnings } = await validated(readFileSync(`${examples}/${name}`, "utf8"));
    expect(said(errors)).toEqual([]);
    expect(said(warnings).filter((text) => !text.includes("tokenAttributes"))).toEqual([]);
  });
});

describe("the schema", () => {
  const identity = Object.entries<object>(schema.definitions.IdentityConfig.properties);

  test("marks the keys that hold a secret, and they are those that are redacted", () => {
    const marked = identity.filter(([, rules]) => "writeOnly" in rules).map(([key]) => key);
    expect(marked).toEqual([...secretKeys]);
  });

  test("says of every pattern in words what it wants", () => {
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
