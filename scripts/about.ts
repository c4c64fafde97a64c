import { readFileSync } from "node:fs";
import { root } from "./project.ts";

interface About {
  readonly name: string;
  readonly version: string;
  readonly author: string;
}

/** What package.json says: the one place of name, version and maintainer. */
export const { name, version, author }: About = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
