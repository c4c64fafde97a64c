import { svgOf } from "../../plot.ts";
import { comparisonTable } from "./comparison.ts";
import {
  HERD_REPEATS,
  type HerdRow,
  names,
  type PerformanceData,
  SLOW_ROUNDS,
  type Task,
  type TimingRow,
  tasks,
  type Who,
} from "./data.ts";
import { herdPlot, processPlot } from "./plots.ts";

const sections: readonly {
  readonly title: string;
  readonly words: string;
  readonly tasks: readonly Task[];
  /** What an empty Bun executable was measured at for the unit of the ratios. */
  readonly unit: Task;
}[] = [
  {
    title: "One process",
    words:
      "A kubelet that has no answer in memory starts a process, and the pull waits for it. ECR's plugin and the ACR helper keep no " +
      "token: each of their runs is a call. The ACR helper knows no endpoint but the real ones, so it is led to the simulated API by " +
      "a proxy, and so is ours in that row. ECR's plugin asks whatever the image is, so it has no time for others' images. " +
      "Only ours is measured with a role to assume.",
    tasks: [
      "nothing",
      "version",
      "refuse",
      "hit",
      "hitJson",
      "hitUnkept",
      "httpCall",
      "call",
      "firstCall",
      "proxyCall",
      "chain",
    ],
    unit: "nothing",
  },
  {
    title: "Many registries, many entries",
    words: "The registry that is asked for is the last one of the config.",
    tasks: ["hit", "hit100", "hit5000", "call5000", "hitFull"],
    unit: "nothing",
  },
  {
    title: "After a reboot",
    words:
      "Before each of these runs the pages of the executable are dropped from memory (`posix_fadvise`, `POSIX_FADV_DONTNEED`), and " +
      "are read from the disk again. The C library stays in memory. The unit is an empty Bun executable in the same state.",
    tasks: ["coldNothing", "coldHit", "coldCall"],
    unit: "coldNothing",
  },
];

/** docs/performance.md, of the data of one run. */
export function documentOf(data: PerformanceData): string {
  const { machine, versions, timings, herds, sizes } = data;
  const floor = timeOf(timings, "nothing", "floor");
  return `# Performance

Measured by \`npm run bench -- --peers\`, which writes this page out of its own [data](performance/data.json). Whole processes, one
after another in turn, on loopback, against the simulated cloud and a simulated ECR, which are processes of their own. The
unit is an empty Bun executable in the same run (${floor.wallMs.median} ms): machines differ, ratios less.

${data.day}; ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Linux ${machine.kernel}, load ${machine.load} before the run.
${Object.entries(versions)
  .map(([program, version]) => `${program} ${version}`)
  .join(", ")}.
Each process ran ${data.rounds} times; with 5,000 registries at most ${SLOW_ROUNDS} times, and each herd at most ${HERD_REPEATS} times.

Ours runs with the variables that \`kubelet-config\` prints. The minimal Go plugin is the yardstick: request, config, a cache with a lock
and one signed call, by Go's standard library, for one instance and one AccessKey, and nothing of what operators need
(\`scripts/bench/peers/minimal/main.go\`). Azure's plugin is not here: the Go
module proxy that this run used refused its module (sigs.k8s.io/cloud-provider-azure, HTTP 403).

## Ours against theirs

${comparisonTable(data)}

${sections.map((section) => sectionOf(section, timings)).join("\n\n")}

![Time of one process](performance/process.svg)

## Herds

So many processes at once, as when a node boots: until the last one has ended, medians. \`calls\` is how many the API
counted. Those of the ACR helper go through the proxy, which takes time of the same cores.

${herdTable(herds)}

![CPU time of 200 processes](performance/herd.svg)

## Size

| executable | MB |
| --- | --- |
${(Object.entries(sizes) as [Who, number][]).map(([who, bytes]) => `| ${names[who]} | ${(bytes / 1e6).toFixed(1)} |`).join("\n")}
`;
}

/** The pictures of the page: name and SVG. */
export async function plotsOf(data: PerformanceData): Promise<readonly (readonly [string, string])[]> {
  return [
    ["process.svg", await svgOf(processPlot(data))],
    ["herd.svg", await svgOf(herdPlot(data))],
  ];
}

function sectionOf(
  { title, words, tasks: of, unit }: (typeof sections)[number],
  rows: readonly TimingRow[],
): string {
  const floorMs = timeOf(rows, unit, "floor").wallMs.median;
  const lines = of.flatMap((task) =>
    rows
      .filter((row) => row.task === task)
      .map(({ who, wallMs, cpuMs, peakMiB }) =>
        [
          tasks[task],
          names[who],
          wallMs.median.toFixed(1),
          wallMs.p95.toFixed(1),
          (wallMs.median / floorMs).toFixed(2),
          cpuMs.toFixed(1),
          peakMiB?.toFixed(1) ?? "",
        ].join(" | "),
      ),
  );
  return `## ${title}

${wrapped(words)}

| what | who | median ms | p95 ms | × empty Bun | CPU ms | peak MiB |
| --- | --- | --- | --- | --- | --- | --- |
${lines.map((line) => `| ${line} |`).join("\n")}`;
}

function herdTable(herds: readonly HerdRow[]): string {
  const lines = herds.map(({ size, apiMs, who, state, wallMs, cpuMs, calls }) => {
    const api = apiMs === 0 ? "at once" : `after ${apiMs} ms`;
    return `| ${size} | ${api} | ${names[who]} | ${state} | ${wallMs.toFixed(0)} | ${(cpuMs / 1000).toFixed(2)} | ${calls} |`;
  });
  return `| processes | the API answers | who | cache | ms | CPU s | calls |
| --- | --- | --- | --- | --- | --- | --- |
${lines.join("\n")}`;
}

function timeOf(rows: readonly TimingRow[], task: Task, who: Who): TimingRow {
  const found = rows.find((row) => row.task === task && row.who === who);
  if (found === undefined) throw new Error(`the data lacks ${task} of ${who}`);
  return found;
}

/** Lines of at most 130 characters. */
function wrapped(words: string): string {
  return words.replace(/(.{1,130})(?: |$)/g, "$1\n").trimEnd();
}
