import type { TopLevelSpec } from "vega-lite";
import { names, type PerformanceData, type Task, tasks, type Who } from "./data.ts";

const colors: Readonly<Partial<Record<Who, string>>> = {
  ours: "#0969da",
  minimal: "#8c959f",
  ecr: "#bc4c00",
  acrHelper: "#8250df",
};
const order = Object.keys(colors) as Who[];
const shown: readonly Task[] = ["refuse", "hit", "call", "proxyCall", "coldHit", "coldCall"];

/** The wall time of one process, a panel for each task, each with a scale of its own; a thin line leads to the 95th percentile. */
export function processPlot({ timings }: PerformanceData): TopLevelSpec {
  const ofTask = (task: Task) =>
    timings
      .filter((row) => row.task === task && order.includes(row.who))
      .map(({ who, wallMs }) => ({ who: names[who], ...wallMs }));
  return {
    title: {
      text: "Time of one process",
      subtitle: "median, and 95th percentile as a line, in ms; less is better; each panel has its own scale",
    },
    spacing: 10,
    vconcat: shown.map((task) => ({
      width: 560,
      height: { step: 20 },
      title: { text: tasks[task], fontSize: 13, offset: 6, frame: "group" },
      data: { values: ofTask(task) },
      layer: [
        {
          mark: { type: "bar" },
          encoding: { ...byWho, x: { field: "median", type: "quantitative", title: null } },
        },
        {
          mark: { type: "rule" },
          encoding: { y: byWho.y, x: { field: "median", type: "quantitative" }, x2: { field: "p95" } },
        },
      ],
    })),
  } as TopLevelSpec;
}

/** The CPU time of the largest herd, cold and warm. */
export function herdPlot({ herds }: PerformanceData): TopLevelSpec {
  const size = Math.max(...herds.map((herd) => herd.size));
  const values = herds
    .filter((herd) => herd.size === size && herd.apiMs === 0)
    .map(({ who, state, cpuMs, calls }) => ({
      herd: `${names[who]}, ${state}: ${calls} ${calls === 1 ? "call" : "calls"}`,
      who: names[who],
      seconds: cpuMs / 1000,
    }));
  return {
    width: 560,
    height: { step: 26 },
    title: { text: `CPU time of ${size} processes at once`, subtitle: "in seconds; less is better" },
    data: { values },
    mark: { type: "bar" },
    encoding: {
      y: { field: "herd", type: "nominal", sort: null, title: null, axis: { labelLimit: 0 } },
      x: { field: "seconds", type: "quantitative", title: "s" },
      color: { ...byWho.color, legend: null },
    },
  };
}

const byWho = {
  y: {
    field: "who",
    type: "nominal",
    sort: order.map((who) => names[who]),
    title: null,
    axis: { labelLimit: 0 },
  },
  color: {
    field: "who",
    type: "nominal",
    legend: null,
    scale: { domain: order.map((who) => names[who]), range: order.map((who) => colors[who] ?? "") },
  },
} as const;
