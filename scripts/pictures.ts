/** `npm run pictures`: draws what commands show at a terminal, from real runs, into docs/pictures. */
import { mkdirSync, writeFileSync } from "node:fs";
import "./build.ts";
import { pictures, takePicture } from "./pictures/takePictures.ts";
import { root } from "./project.ts";

const folder = `${root}docs/pictures`;
mkdirSync(folder, { recursive: true });
for (const picture of pictures) {
  const { file, impossible } = picture;
  if (impossible === undefined) writeFileSync(`${folder}/${file}`, await takePicture(picture));
  console.log(`docs/pictures/${file}${impossible === undefined ? "" : `: not taken: ${impossible}`}`);
}
