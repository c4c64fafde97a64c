/** `npm run pictures`: draws what commands show at a terminal, from real runs, into docs/pictures. */
import { mkdirSync, writeFileSync } from "node:fs";
import "./build.ts";
import { takePictures } from "./pictures/takePictures.ts";
import { root } from "./project.ts";

const folder = `${root}docs/pictures`;
mkdirSync(folder, { recursive: true });
for (const [file, svg] of await takePictures()) {
  writeFileSync(`${folder}/${file}`, svg);
  console.log(`docs/pictures/${file}`);
}
