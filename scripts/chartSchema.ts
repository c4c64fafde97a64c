/**
 * Takes the config's schema into the chart's, so that helm refuses a wrong config before any node sees it:
 * `bun run scripts/chartSchema.ts [--check]`. Helm reads one file only, and other formats than ours.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { root } from "./project.ts";

const file = `${root}node-config/chart/values.schema.json`;
const before = readFileSync(file, "utf8");
const values = JSON.parse(before);
const { $schema, $id, definitions, ...config } = withoutFormats(
  JSON.parse(readFileSync(`${root}node-config/config.schema.json`, "utf8")),
);
const text = JSON.stringify({ ...values, definitions: { ProviderConfig: config, ...definitions } });
const biome = spawnSync(`${root}node_modules/.bin/biome`, ["format", `--stdin-file-path=${file}`], {
  cwd: root,
  input: text,
  encoding: "utf8",
});
if (biome.status !== 0) throw new Error(biome.stderr);
if (biome.stdout !== before && process.argv[2] === "--check") {
  console.error("node-config/chart/values.schema.json is not up to date: bun run scripts/chartSchema.ts");
  process.exit(1);
}
if (biome.stdout !== before) writeFileSync(file, biome.stdout);

/** Helm would take `duration` for ISO 8601's. What it lets through is found by node install. */
function withoutFormats(schema: Record<string, unknown>): Record<string, Record<string, unknown>> {
  return JSON.parse(
    JSON.stringify(schema, (key, value) =>
      (key === "format" && typeof value === "string") || key === "patternErrorMessage" ? undefined : value,
    ),
  );
}
