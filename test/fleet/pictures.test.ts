import { expect, test } from "bun:test";
import { svgOf } from "../../scripts/plot.ts";
import { pictureNames, pictureOf, wordsOf } from "../../simulation/pictures.ts";
import { type Plan, quickPlan } from "../../simulation/plan.ts";
import { emptyResult, type Lookup, resultOf } from "../../simulation/result.ts";

const plan: Plan = {
  sizes: [
    {
      nodes: 100,
      limits: { boot: [5], steady: [5], outage: [5] },
      compared: { limit: 5, in: ["boot", "steady", "outage"] },
    },
  ],
  ablations: { nodes: 100, limit: 5 },
  steadyMinutes: 60,
};
const simulated: Lookup = (experiment) =>
  resultOf(experiment, { seed: 7, steadyMs: plan.steadyMinutes * 60 * 1000 });

for (const name of pictureNames) {
  test(`${name} is drawn the same each time`, async () => {
    const svg = await pictureOf(name, plan, simulated);
    expect(svg).toStartWith("<svg ");
    expect(await pictureOf(name, plan, simulated)).toBe(svg);
  });

  test(`${name} has the same words for other figures, other words for another plan`, async () => {
    const words = wordsOf(await pictureOf(name, plan, simulated));
    expect(wordsOf(await pictureOf(name, plan, emptyResult))).toBe(words);
    expect(wordsOf(await pictureOf(name, quickPlan, emptyResult))).not.toBe(words);
  });
}

const spec = (values: object[], y: object = {}) =>
  svgOf({
    data: { values },
    mark: "line",
    encoding: {
      x: { field: "x", type: "quantitative" },
      y: { field: "y", type: "quantitative", ...y },
    },
  });
const points = [
  { x: 0, y: 0 },
  { x: 3, y: 0.07 },
  { x: 7, y: 0.08 },
];

test("a plot has coordinates of one digit after the point, and labels of as many as they need", async () => {
  const svg = await spec(points);
  expect(svg).toContain(">0.02<");
  const coordinates = [...svg.matchAll(/ (?:d|transform|x2|y2)="([^"]*)"/g)].join(" ");
  expect(coordinates).toMatch(/\d\.\d/);
  expect(coordinates).not.toMatch(/\d\.\d\d/);
});

test("a plot that Vega would draw with a warning is refused", async () => {
  await expect(spec([])).rejects.toThrow(/^draw a plot: Infinite extent for field "x"/);
  await expect(spec(points, { scale: { type: "none" } })).rejects.toThrow("draw a plot:");
});
