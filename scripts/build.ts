/** Builds the executable: `npm run build [-- --target linux-x64|linux-arm64]`. */
import { mkdirSync, statSync } from "node:fs";
import { oneHotChunk } from "./build/oneHotChunk.ts";
import { root } from "./project.ts";
import "./generate.ts";

const targets = ["linux-x64", "linux-arm64"] as const;
const target = readTarget(process.argv.slice(2));
const outfile = `${root}dist/aliyun-acr-credential-provider${target === undefined ? "" : `-${target}`}`;

mkdirSync(`${root}dist`, { recursive: true });
const result = await Bun.build({
  entrypoints: [`${root}src/main/main.ts`],
  compile: {
    outfile,
    // Both would make the executable read files of whatever directory it is started in.
    autoloadBunfig: false,
    autoloadDotenv: false,
    ...(target === undefined ? {} : { target: `bun-${target}` as const }),
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
console.log(`${outfile.slice(root.length)}: ${(statSync(outfile).size / 1e6).toFixed(1)} MB`);

/** The package's entry for Node is CommonJS, which loads in twice the time of its ES modules. */
function useEsModulesOfYaml(build: Bun.PluginBuilder): void {
  build.onResolve({ filter: /^yaml$/ }, () => ({ path: `${root}node_modules/yaml/browser/dist/index.js` }));
}

function readTarget(argv: readonly string[]): (typeof targets)[number] | undefined {
  if (argv.length === 0) return undefined;
  const target = targets.find((name) => argv[0] === "--target" && argv[1] === name && argv.length === 2);
  if (target !== undefined) return target;
  console.error(`usage: npm run build [-- --target ${targets.join("|")}]`);
  process.exit(2);
}
