import type { Check, Examination } from "../check.ts";
import { tryPull } from "../pull/tryPull.ts";

/** Whether each image can be pulled, asked of the registry itself. All are tried at once, and given out in order. */
export async function* examineImages({ run, images, offline }: Examination): AsyncGenerator<Check> {
  const group = "images" as const;
  if (images.length === 0) {
    const found = "no image is named: doctor IMAGE tries a pull of it";
    yield { group, id: "image", status: "skipped", subject: "images", found };
    return;
  }
  if (run === undefined || offline) {
    const found = run === undefined ? "the config cannot be used" : "--offline: nothing is sent anywhere";
    for (const subject of images) yield { group, id: "image", status: "skipped", subject, found };
    return;
  }
  const pulls = images.map((image) => tryPull(run, image));
  for (const pull of pulls) yield* (await pull).checks;
}
