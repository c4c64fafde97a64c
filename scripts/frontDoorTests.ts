import { readdirSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { root } from "./project.ts";

const EXECUTABLE = `${root}test/support/executable.ts`;
const transpiler = new Bun.Transpiler({ loader: "ts" });

/** The test files of these folders of `test` that run the executable: they import what names it, or a module that does. */
export function frontDoorTests(folders: readonly string[]): string[] {
  return folders
    .flatMap((folder) =>
      readdirSync(`${root}test/${folder}`, { recursive: true, encoding: "utf8" }).map(
        (file) => `${root}test/${folder}/${file}`,
      ),
    )
    .filter((file) => file.endsWith(".test.ts") && leadsToExecutable(file, new Set()))
    .sort();
}

function leadsToExecutable(file: string, seen: Set<string>): boolean {
  if (file === EXECUTABLE) return true;
  if (seen.has(file) || !file.startsWith(`${root}test/`)) return false;
  seen.add(file);
  return transpiler
    .scanImports(readFileSync(file, "utf8"))
    .some(
      ({ path }) =>
        path.startsWith(".") && path.endsWith(".ts") && leadsToExecutable(resolve(dirname(file), path), seen),
    );
}
