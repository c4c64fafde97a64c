import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

/**
 * Puts all that a module imports statically, and what that imports, into one chunk. The bundler makes a chunk of what
 * the same `import()`s share, and so cuts what is always loaded into dozens of them, each of which costs its loading.
 * Whatever is loaded by `import()` is made to import the module, which has been loaded by then: so all share all of it.
 * @param module the path of one without top-level `await`: who imports it would wait for its end.
 */
export function oneHotChunk(module: string): Bun.BunPlugin {
  return {
    name: "one hot chunk",
    setup(build) {
      const { always, lazily } = modulesOf(module);
      build.onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => {
        if (!lazily.has(path)) return undefined;
        if (always.has(path))
          throw new Error(`${path} is loaded always and by import(): import it statically`);
        return {
          contents: `${readFileSync(path, "utf8")}\nimport ${JSON.stringify(module)};\n`,
          loader: "ts",
        };
      });
    },
  };
}

/** The modules of ours that are loaded with this one, and those that only an `import()` loads. */
function modulesOf(entry: string): { always: Set<string>; lazily: Set<string> } {
  const [always, lazily, seen] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const visit = (path: string, isAlways: boolean): void => {
    if (seen.has(path)) return;
    seen.add(path);
    if (isAlways) always.add(path);
    for (const imported of importsOf(path)) {
      if (imported.isLazy) lazily.add(imported.path);
      else visit(imported.path, isAlways);
    }
  };
  visit(entry, true);
  // It grows while it is gone through.
  for (const path of lazily) visit(path, false);
  return { always, lazily };
}

const transpiler = new Bun.Transpiler({ loader: "ts" });

function importsOf(path: string): { path: string; isLazy: boolean }[] {
  if (!path.endsWith(".ts")) return [];
  return transpiler
    .scanImports(readFileSync(path, "utf8"))
    .filter((found) => found.path.startsWith("."))
    .map((found) => ({ path: resolve(dirname(path), found.path), isLazy: found.kind === "dynamic-import" }));
}
