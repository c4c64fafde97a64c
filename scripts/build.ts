/**
 * Builds the executable: `npm run build [-- --target linux-x64|linux-arm64]`. Without a target it is one for this machine,
 * made of the Bun that runs this script; with one it is made of the Bun in package-lock.json, whose hash is checked. On
 * linux-x64 and linux-arm64 both are the same bytes: what the tests run is what is released.
 */
import { mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { oneHotChunk } from "./build/oneHotChunk.ts";
import { root } from "./project.ts";
import { runtimeOf } from "./release/runtime.ts";
import { type Target, targets } from "./release/targets.ts";
import "./generate.ts";

const NAME = "aliyun-acr-credential-provider";
const target = readTarget(process.argv.slice(2));
const outfile = `${root}dist/${NAME}${target === undefined ? "" : `-${target}`}`;
// Bun puts the file's name into the executable, so all have the same name while they are made.
const folder = `${root}dist/.build-${target ?? "own"}`;

mkdirSync(folder, { recursive: true });
const result = await Bun.build({
  entrypoints: [`${root}src/main/main.ts`],
  compile: {
    outfile: `${folder}/${NAME}`,
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
renameSync(`${folder}/${NAME}`, outfile);
rmSync(folder, { recursive: true });
console.log(`${outfile.slice(root.length)}: ${(statSync(outfile).size / 1e6).toFixed(1)} MB`);

/** @throws Error where another Bun runs this script: the bytecode is of the one that writes it. */
function lockedRuntime(target: Target): string {
  const { version, path } = runtimeOf(target);
  if (version === Bun.version) return path;
  throw new Error(`build for ${target}: this is Bun ${Bun.version}, package-lock.json has ${version}`);
}

/** The package's entry for Node is CommonJS, which loads in twice the time of its ES modules. */
function useEsModulesOfYaml(build: Bun.PluginBuilder): void {
  build.onResolve({ filter: /^yaml$/ }, () => ({ path: `${root}node_modules/yaml/browser/dist/index.js` }));
}

function readTarget(argv: readonly string[]): Target | undefined {
  if (argv.length === 0) return undefined;
  const target = targets.find((name) => argv[0] === "--target" && argv[1] === name && argv.length === 2);
  if (target !== undefined) return target;
  console.error(`usage: npm run build [-- --target ${targets.join("|")}]`);
  process.exit(2);
}
