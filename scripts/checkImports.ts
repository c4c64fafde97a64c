/**
 * Checks the rules of imports, and draws the rooms of src into CONTRIBUTING.md:
 * `bun run scripts/checkImports.ts [--write]`. Without `--write` a picture that is not up to date is an error.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { root } from "./project.ts";

const document = `${root}CONTRIBUTING.md`;
const [start, end] = ["<!-- rooms: drawn by scripts/checkImports.ts -->\n", "<!-- end -->"];

console.log(cruise(["--config", "scripts/imports/rooms.cjs", "src"]).trim());
console.log(cruise(["--config", "scripts/imports/cacheHit.cjs", "src/main/main.ts"]).trim());
const before = readFileSync(document, "utf8");
const [head = "", rest = ""] = before.split(start);
const after = `${head}${start}\n${picture()}\n${rest.slice(rest.indexOf(end))}`;
if (process.argv.includes("--write")) writeFileSync(document, after);
else if (after !== before) {
  console.error("The picture in CONTRIBUTING.md is not up to date: bun run scripts/checkImports.ts --write");
  process.exit(1);
}

/** The rooms and which imports from which, as Mermaid; an arrow that others imply is left out. */
function picture(): string {
  const collapse = ["--collapse", "^src/[^/]+/"];
  const { modules } = JSON.parse(
    cruise(["--config", "scripts/imports/rooms.cjs", ...collapse, "--output-type", "json", "src"]),
  ) as { modules: { source: string; dependencies: { resolved: string }[] }[] };
  const room = (path: string) => /^src\/([^/]+)/.exec(path)?.[1] ?? "";
  const below = new Map<string, Set<string>>();
  for (const { source, dependencies } of modules) {
    for (const { resolved } of dependencies) {
      const [from, to] = [room(source), room(resolved)];
      if (from === "" || to === "" || from === to) continue;
      below.set(from, (below.get(from) ?? new Set()).add(to));
    }
  }
  const leads = (from: string, to: string): boolean =>
    [...(below.get(from) ?? [])].some((next) => next === to || leads(next, to));
  const arrows = [...below].flatMap(([from, rooms]) =>
    [...rooms]
      .filter((to) => ![...rooms].some((other) => other !== to && leads(other, to)))
      .map((to) => `  ${from} --> ${to}`),
  );
  return ["```mermaid", "flowchart TD", ...arrows.sort(), "```", ""].join("\n");
}

/** What dependency-cruiser prints; ends this process where it finds a violation. */
function cruise(args: readonly string[]): string {
  const tool = `${root}node_modules/dependency-cruiser/bin/dependency-cruise.mjs`;
  const { status, stdout, stderr } = spawnSync("node", [tool, ...args], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status === 0) return stdout;
  console.error(stdout + stderr);
  process.exit(status ?? 1);
}
