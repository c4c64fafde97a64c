import { expect, test } from "bun:test";
import { oneHotChunk } from "../../scripts/build/oneHotChunk.ts";
import { root } from "../../scripts/project.ts";

/** The chunks that are loaded with the entry, and all that there are. */
async function chunks(plugins: Bun.BunPlugin[]): Promise<{ withEntry: string[]; all: string[] }> {
  const { metafile } = await Bun.build({
    entrypoints: [`${root}src/main/main.ts`],
    target: "bun",
    format: "esm",
    splitting: true,
    metafile: true,
    plugins,
  });
  const outputs = metafile?.outputs ?? {};
  const withEntry = new Set(["./main.js"]);
  for (const chunk of withEntry) {
    for (const { path, kind } of outputs[chunk]?.imports ?? []) {
      if (kind !== "dynamic-import" && path in outputs) withEntry.add(path);
    }
  }
  return { withEntry: [...withEntry], all: Object.keys(outputs) };
}

test("what is always loaded is one chunk besides the entry, and the rest is not in it", async () => {
  const { withEntry, all } = await chunks([oneHotChunk(`${root}src/main/runProcess.ts`)]);
  expect(withEntry).toHaveLength(2);
  expect(all.length).toBeGreaterThan(20);
});

test("without the plugin the bundler makes many of it", async () => {
  expect((await chunks([])).withEntry.length).toBeGreaterThan(10);
});
