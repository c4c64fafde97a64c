import { rmSync, statSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";
import { version } from "../../../package.json";
import type { CloudProcess } from "../cloudProcess.ts";
import { peakMemoryMiB } from "../memory.ts";
import { interleaved, type Measured, median, quantile } from "../time.ts";
import { type PerformanceData, rounded, SLOW_ROUNDS, type Task, type TimingRow, type Who } from "./data.ts";
import { herds } from "./herds.ts";
import type { Ours } from "./ours.ts";
import { withoutPages } from "./pages.ts";
import { type Peers, pinnedVersion } from "./peers.ts";

interface Row {
  readonly task: Task;
  readonly who: Who;
  readonly command: Measured;
}

const slow: readonly Task[] = ["call5000", "hit5000"];
const withMemory: readonly Task[] = ["nothing", "refuse", "hit", "call", "firstCall", "proxyCall", "hit5000"];

/** All that is measured, in one run. `rounds`: how often each process runs; `executables`: the copies that are timed. */
export async function measure(
  cloud: CloudProcess,
  {
    peers,
    ours,
    executables,
    rounds,
  }: {
    readonly peers: Peers;
    readonly ours: Ours;
    readonly executables: Readonly<Record<"floor" | "ours", string>>;
    readonly rounds: number;
  },
): Promise<PerformanceData> {
  const load = loadavg()[0] ?? Number.NaN;
  const rows = rowsOf(peers, ours, executables.floor);
  const timings: TimingRow[] = [];
  // Apart, so that what runs next to each other takes little time: memory that lies idle may go.
  for (const isOf of [isUsual, isDropped, isSlow]) {
    const group = rows.filter(({ task }) => isOf(task));
    timings.push(...(await timed(group, isOf === isSlow ? Math.min(rounds, SLOW_ROUNDS) : rounds)));
  }
  const [cpu] = cpus();
  return {
    day: new Date().toISOString().slice(0, 10),
    rounds,
    machine: {
      cpu: cpu?.model ?? "unknown",
      cores: cpus().length,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      kernel: release(),
      load: rounded(load),
    },
    versions: {
      "aliyun-acr-credential-provider": version,
      Bun: Bun.version,
      Go: goVersion(),
      "ecr-credential-provider": pinnedVersion("scripts/bench/peers/go.mod", "k8s.io/cloud-provider-aws"),
      "docker-credential-acr-helper": pinnedVersion(
        "test/officialClients/helper/go.mod",
        "github.com/mozillazg/docker-credential-acr-helper",
      ),
    },
    sizes: {
      floor: statSync(executables.floor).size,
      true: statSync("/bin/true").size,
      ours: statSync(executables.ours).size,
      ...sizesOf(peers),
    },
    timings,
    herds: await herds(cloud, peers, ours, rounds),
  };
}

function rowsOf(peers: Peers, ours: Ours, floor: string): Row[] {
  const { minimal, ecr, acrHelper, minimalCache } = peers;
  const due = (command: Measured): Measured => ({
    ...command,
    before: () => rmSync(minimalCache, { force: true }),
  });
  const row = (task: Task, who: Who, command: Measured | undefined): Row[] =>
    command === undefined ? [] : [{ task, who, command }];
  return [
    ...row("nothing", "floor", { argv: [floor] }),
    ...row("nothing", "true", { argv: ["/bin/true"] }),
    ...Object.entries(ours.tasks).flatMap(([task, command]) => row(task as Task, "ours", command)),
    ...[minimal, ecr, acrHelper].flatMap(({ who, refuse }) => row("refuse", who, refuse)),
    ...row("httpCall", "minimal", minimal.plainCall && due(minimal.plainCall)),
    ...row("call", "minimal", due(minimal.call)),
    ...row("hit", "minimal", minimal.call),
    ...row("httpCall", "ecr", ecr.plainCall),
    ...row("call", "ecr", ecr.call),
    ...row("proxyCall", "acrHelper", acrHelper.call),
    ...row("coldNothing", "floor", withoutPages({ argv: [floor] })),
    ...row("coldHit", "minimal", withoutPages(minimal.call)),
    ...row("coldCall", "minimal", withoutPages(due(minimal.call))),
    ...row("coldCall", "ecr", withoutPages(ecr.call)),
  ];
}

const isSlow = (task: Task) => slow.includes(task);
const isDropped = (task: Task) => task.startsWith("cold");
const isUsual = (task: Task) => !isSlow(task) && !isDropped(task);

async function timed(rows: readonly Row[], rounds: number): Promise<TimingRow[]> {
  const timings = await interleaved(
    rounds,
    rows.map(({ command }) => command),
  );
  const measured: TimingRow[] = [];
  for (const [index, { task, who, command }] of rows.entries()) {
    const of = timings[index] ?? [];
    const walls = of.map(({ wallMs }) => wallMs);
    const mayBlock =
      withMemory.includes(task) && command.status === undefined && who !== "floor" && who !== "true";
    measured.push({
      task,
      who,
      wallMs: { median: rounded(median(walls)), p95: rounded(quantile(walls, 0.95)) },
      cpuMs: rounded(median(of.map(({ cpuMs }) => cpuMs))),
      ...(mayBlock ? { peakMiB: rounded(await peakMemoryMiB(command)) } : {}),
    });
  }
  return measured;
}

function sizesOf({ minimal, ecr, acrHelper }: Peers): Record<"minimal" | "ecr" | "acrHelper", number> {
  const size = ({ path }: { path: string }) => statSync(path).size;
  return { minimal: size(minimal), ecr: size(ecr), acrHelper: size(acrHelper) };
}

function goVersion(): string {
  return /go(\d\S*)/.exec(Bun.spawnSync(["go", "version"]).stdout.toString())?.[1] ?? "unknown";
}
