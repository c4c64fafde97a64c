/** Makes, from the one JSON Schema of the config, its TypeScript types and its validator. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { Ajv } from "ajv";
import standalone from "ajv/dist/standalone/index.js";
import { compile } from "json-schema-to-typescript";

import { root } from "./project.ts";

const generated = `${root}src/config/generated`;
const schema = JSON.parse(readFileSync(`${root}node-config/config.schema.json`, "utf8"));
const banner = "// Generated from node-config/config.schema.json by scripts/generate.ts. Do not edit.";

/** A CommonJS module: its types promise the function itself, at run time it is the `default` of the import. */
const standaloneCode = (standalone as unknown as { default: typeof standalone }).default;

const validatorTypes = `${banner}
export interface SchemaError {
  /** JSON pointer to the value. */
  readonly instancePath: string;
  /** JSON pointer to the rule, e.g. \`#/definitions/RegistryConfig/additionalProperties\`. */
  readonly schemaPath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
}
/** Checks a parsed config and fills in the schema's defaults (in place). */
export declare const validate: ((value: unknown) => boolean) & { errors?: readonly SchemaError[] | null };
`;

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
  // Lengths in UTF-16 units: the validator then needs no module of ajv at run time. (ajv would call it deprecated.)
  unicode: false,
  logger: false,
  code: { source: true, esm: true, optimize: true },
  // Checked by config/validation, with messages of their own.
  formats: { duration: true, endpoint: true, size: true, uri: true },
});
// Editors show it where a pattern does not match; so does config/validation/schemaFindings.ts.
ajv.addVocabulary(["patternErrorMessage"]);
const validator = standaloneCode(ajv, ajv.compile(schema));

mkdirSync(generated, { recursive: true });
writeFileSync(`${generated}/schema.ts`, types);
writeFileSync(`${generated}/validate.js`, `${banner}\n${validator}`);
writeFileSync(`${generated}/validate.d.ts`, validatorTypes);
