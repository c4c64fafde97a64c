/** Makes, from the one JSON Schema of the config, its TypeScript types and its validator. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { Ajv } from "ajv";
import standaloneCode from "ajv/dist/standalone/index.js";
import { compile } from "json-schema-to-typescript";

const root = new URL("..", import.meta.url).pathname;
const generated = `${root}src/config/generated`;
const schema = JSON.parse(readFileSync(`${root}node-config/config.schema.json`, "utf8"));
const banner = "// Generated from node-config/config.schema.json by scripts/generate.ts. Do not edit.";

const types = await compile(schema, "ProviderConfig", {
  bannerComment: banner,
  unreachableDefinitions: true,
  ignoreMinAndMaxItems: true,
  format: false,
});

const ajv = new Ajv({
  allErrors: true,
  useDefaults: true,
  verbose: false,
  strictTypes: false,
  code: { source: true, esm: true, optimize: true },
  // Checked by config/sense.ts, with messages of their own.
  formats: { duration: true, endpoint: true, size: true, uri: true },
});
const validator = standaloneCode.default(ajv, ajv.compile(schema));

mkdirSync(generated, { recursive: true });
writeFileSync(`${generated}/schema.ts`, types);
writeFileSync(`${generated}/validate.js`, `${banner}\n${validator}`);
