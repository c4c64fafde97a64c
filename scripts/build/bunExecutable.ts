import { mkdirSync, renameSync, rmSync } from "node:fs";
import { name } from "../about.ts";
import { root } from "../project.ts";
import { runtimeOf } from "../release/runtime.ts";
import type { Target } from "../release/targets.ts";
import { oneHotChunk } from "./oneHotChunk.ts";
import { ES_MODULES_OF_YAML } from "./yaml.ts";

/**
 * Builds the executable at `outfile`: without a target of the Bun that runs this, with one of the Bun in package-lock.json.
 * @throws Error where another Bun runs this: the bytecode is of the one that writes it.
 */
export async function buildBunExecutable(target: Target | undefined, outfile: string): Promise<void> {
  // Bun puts the file's name into the executable, so all have the same name while they are made.
  const folder = `${root}dist/.build-${target ?? "own"}`;
  mkdirSync(folder, { recursive: true });
  const result = await Bun.build({
    entrypoints: [`${root}src/main/main.ts`],
    compile: {
      outfile: `${folder}/${name}`,
      // Both would make the executable read files of whatever directory it is started in.
      autoloadBunfig: false,
      autoloadDotenv: false,
      ...(target === undefined
        ? {}
        : { target: `bun-${target}` as const, executablePath: lockedRuntime(target) }),
    },
    minify: true,
    bytecode: true,
    // A chunk for what is loaded lazily: a cache hit then reads half of the code.
    splitting: true,
    format: "esm",
    plugins: [
      { name: "yaml as ES modules", setup: useEsModulesOfYaml },
      oneHotChunk(`${root}src/main/runProcess.ts`),
    ],
  });
  for (const message of result.logs) console.error(String(message));
  renameSync(`${folder}/${name}`, outfile);
  rmSync(folder, { recursive: true });
}

function lockedRuntime(target: Target): string {
  const { version, path } = runtimeOf(target);
  if (version === Bun.version) return path;
  throw new Error(`build for ${target}: this is Bun ${Bun.version}, package-lock.json has ${version}`);
}

function useEsModulesOfYaml(build: Bun.PluginBuilder): void {
  build.onResolve({ filter: /^yaml$/ }, () => ({ path: ES_MODULES_OF_YAML }));
}
