import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Cloud, startCloud } from "../cloud/cloud.ts";
import { documentedIntroduction, documentedSections, introduction, sectionOf } from "./document.ts";
import { groups } from "./groups.ts";
import { canIsolate, lineOf } from "./mistake.ts";

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.stop());

const isolates = canIsolate();
const documented = documentedSections();
const titles = groups.flatMap(({ mistakes }) => mistakes.map(({ title }) => title));

test("docs/mistakes.md has these mistakes in this order and no others", () => {
  expect([...documented.keys()]).toEqual(titles);
  expect(new Set(titles).size).toBe(titles.length);
  expect(titles.length).toBeGreaterThanOrEqual(40);
  expect(documentedIntroduction()).toBe(introduction);
});

test("without a mistake the pull succeeds", async () => {
  await expect(lineOf(cloud, { title: "none", made: "" })).rejects.toThrow("status 0");
});

for (const { title: group, mistakes } of groups) {
  describe(group, () => {
    for (const mistake of mistakes) {
      const isSkipped = mistake.isolated === true && !isolates;
      const reason = isSkipped ? " (skipped: needs a network namespace of its own)" : "";
      test.skipIf(isSkipped)(`${mistake.title}${reason}`, async () => {
        const line = await lineOf(cloud, mistake);
        expect(line).not.toContain("\n");
        // The whole section: how the mistake is made is part of what an operator recognises.
        expect(documented.get(mistake.title)).toBe(sectionOf(mistake, line));
        const { line: place = "stderr" } = mistake;
        if (place === "stderr") expect(line).toMatch(/\(.*code [\w.]+.*\); \S/);
        expect(line).not.toContain("look up this code");
      });
    }
  });
}
