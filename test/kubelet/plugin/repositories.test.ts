import { expect, test } from "bun:test";
import { array, constantFrom, sample } from "fast-check";
import { Failure } from "../../../src/failure/failure.ts";
import { imageRepository } from "../../../src/kubelet/matchImages/imageRepository.ts";
import { harnessOf } from "../setup/paths.ts";
import { startLineProcess } from "../support/lineProcess.ts";
import { describeForEachRelease } from "../support/nodeWithKubelet.ts";

const digest = `@sha256:${"0123456789abcdef".repeat(4)}`;
const pieces = constantFrom(
  ..."a b web library / / . - _ : 5000 latest docker.io index.docker.io localhost A".split(" "),
  digest,
);
const images = array(pieces, { minLength: 1, maxLength: 7 }).map((parts) => parts.join(""));

function ours(image: string): string | undefined {
  try {
    return imageRepository(image);
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

describeForEachRelease("the repository of an image", (release) => {
  test("is what the kubelet compares with matchImages, for everything that it takes for an image", async () => {
    const kubelet = startLineProcess([harnessOf(release), "repositories"], { cwd: "/", env: {} });
    const different: object[] = [];
    let taken = 0;
    for (const image of sample(images, { numRuns: 5_000, seed: 1 })) {
      const { repository } = await kubelet.ask<{ repository?: string }>(image);
      if (repository === undefined) continue;
      taken++;
      if (ours(image) !== repository) different.push({ image, ours: ours(image), theirs: repository });
    }
    await kubelet.stop();
    expect(different).toEqual([]);
    expect(taken).toBeGreaterThan(500);
  });
});
