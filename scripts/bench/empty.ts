import { mkdirSync } from "node:fs";
import { dirname } from "node:path";

/** Builds the yardstick: an executable of Bun that does nothing. */
export async function buildEmpty(outfile: string): Promise<void> {
  mkdirSync(dirname(outfile), { recursive: true });
  const entry = `${outfile}.ts`;
  await Bun.write(entry, "");
  await Bun.build({
    entrypoints: [entry],
    compile: { outfile, autoloadBunfig: false, autoloadDotenv: false },
    minify: true,
    bytecode: true,
    format: "esm",
  });
}
