import {
  type HerdRow,
  names,
  type PerformanceData,
  type Task,
  type TimingRow,
  tasks,
  type Who,
} from "./data.ts";

const peers = ["minimal", "ecr", "acrHelper"] as const satisfies readonly Who[];
type Peer = (typeof peers)[number];

/** One figure, ours and theirs, in the same unit; less is better. */
interface Comparison {
  readonly what: string;
  readonly ours: number | undefined;
  readonly theirs: Readonly<Record<Peer, number | undefined>>;
}

/** How many times theirs ours takes, for all that both were measured at: above 1 is a loss of ours, below 1 a win. */
export function comparisonTable(data: PerformanceData): string {
  const factors = comparisons(data)
    .map(({ what, ours, theirs }) => ({ what, factors: peers.map((who) => factor(ours, theirs[who])) }))
    .filter((row) => row.factors.some((each) => each !== undefined));
  const all = factors.flatMap((row) => row.factors.filter((each) => each !== undefined));
  const lines = factors.map(
    (row) => `| ${row.what} | ${row.factors.map((each) => each?.toFixed(2) ?? "").join(" | ")} |`,
  );
  return `How many times theirs ours takes: above 1 we lose, below 1 we win. Of ${all.length} figures ours is the higher in ${all.filter((each) => each > 1).length}. An empty
cell was not measured, or the peer does not do it.

| | ${peers.map((who) => names[who]).join(" | ")} |
| --- | --- | --- | --- |
${lines.join("\n")}`;
}

const factor = (ours: number | undefined, theirs: number | undefined) =>
  ours === undefined || theirs === undefined ? undefined : ours / theirs;

function comparisons({ timings, herds, sizes }: PerformanceData): Comparison[] {
  const timing = (task: Task, who: Who) => timings.find((row) => row.task === task && row.who === who);
  const ofTimings = (what: string, task: Task, value: (row: TimingRow) => number | undefined): Comparison => {
    const of = (who: Who) => {
      const row = timing(task, who);
      return row && value(row);
    };
    return { what, ours: of("ours"), theirs: byPeer(of) };
  };
  const own = (Object.keys(tasks) as Task[]).filter((task) => timing(task, "ours") !== undefined);
  const wall = (task: Task, who: Who) => timing(task, who)?.wallMs.median;
  return [
    ...own.map((task) => ofTimings(`time: ${tasks[task]}`, task, ({ wallMs }) => wallMs.median)),
    {
      what: "time: a token that was got before (theirs is a call where they keep nothing)",
      ours: wall("hit", "ours"),
      theirs: {
        minimal: wall("hit", "minimal"),
        ecr: wall("call", "ecr"),
        acrHelper: wall("proxyCall", "acrHelper"),
      },
    },
    ...own.map((task) => ofTimings(`CPU time: ${tasks[task]}`, task, ({ cpuMs }) => cpuMs)),
    ...own.map((task) => ofTimings(`peak memory: ${tasks[task]}`, task, ({ peakMiB }) => peakMiB)),
    ...ofHerds(herds),
    { what: "size of the executable", ours: sizes.ours, theirs: byPeer((who) => sizes[who]) },
  ];
}

/** The largest herd, cold. */
function ofHerds(herds: readonly HerdRow[]): Comparison[] {
  const most = Math.max(...herds.map(({ size }) => size));
  const figure = (what: string, apiMs: number, value: (row: HerdRow) => number): Comparison => {
    const of = (who: Who) => {
      const row = herds.find(
        (each) => each.who === who && each.size === most && each.state === "cold" && each.apiMs === apiMs,
      );
      return row && value(row);
    };
    return { what, ours: of("ours"), theirs: byPeer(of) };
  };
  const delays = [...new Set(herds.map(({ apiMs }) => apiMs))];
  return delays.flatMap((apiMs) => {
    const herd = `${most} processes at once, nothing kept, the API answers ${apiMs === 0 ? "at once" : `after ${apiMs} ms`}`;
    return [
      figure(`time: ${herd}`, apiMs, ({ wallMs }) => wallMs),
      figure(`CPU time: ${herd}`, apiMs, ({ cpuMs }) => cpuMs),
      figure(`API calls: ${herd}`, apiMs, ({ calls }) => calls),
    ];
  });
}

function byPeer<Value>(of: (who: Peer) => Value): Record<Peer, Value> {
  return { minimal: of("minimal"), ecr: of("ecr"), acrHelper: of("acrHelper") };
}
