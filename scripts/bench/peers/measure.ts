import { rmSync, statSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";
import { version } from "../../../package.json";
import type { CloudProcess } from "../cloudProcess.ts";
import { peakMemoryMiB } from "../memory.ts";
import { interleaved, type Measured, median, quantile, together } from "../time.ts";
import type { HerdRow, PerformanceData, Task, TimingRow, Who } from "./data.ts";
import { type Ours, withoutPages } from "./ours.ts";
import { type Peers, pinnedVersion } from "./peers.ts";

interface Row {
  readonly task: Task;
  readonly who: Who;
  readonly command: Measured;
}

/** Fewer rounds for what takes a second. */
const SLOW_ROUNDS = 7;
const slow: readonly Task[] = ["call5000", "hit5000"];
const withMemory: readonly Task[] = ["nothing", "refuse", "hit", "call", "firstCall", "proxyCall", "hit5000"];
const HERD_REPEATS = 5;
const SIZES = [1, 50, 200];
const API_MS = 100;

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
  const timings = [
    ...(await timed(
      rows.filter(({ task }) => !slow.includes(task)),
      rounds,
    )),
    ...(await timed(
      rows.filter(({ task }) => slow.includes(task)),
      Math.min(rounds, SLOW_ROUNDS),
    )),
  ];
  const [cpu] = cpus();
  return {
    day: new Date().toISOString().slice(0, 10),
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
    herds: await herds(cloud, peers, ours),
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
    ...row("coldNothing", "floor", withoutPages({ argv: [floor] }, floor)),
    ...row("coldHit", "minimal", withoutPages(minimal.call, minimal.path)),
    ...row("coldCall", "minimal", withoutPages(due(minimal.call), minimal.path)),
    ...row("coldCall", "ecr", withoutPages(ecr.call, ecr.path)),
  ];
}

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

/** Each plugin's herds, the API at once and with `API_MS` to its answer; one that keeps nothing has no warm herd. */
async function herds(cloud: CloudProcess, peers: Peers, ours: Ours): Promise<HerdRow[]> {
  const delayed = async (apiMs: number) => {
    await cloud.reset();
    if (apiMs > 0) await cloud.setFault({ operation: "GetAuthorizationToken", kind: "delay", ms: apiMs });
    await peers.delayEcr(apiMs);
  };
  const calls = () => cloud.calls("GetAuthorizationToken");
  const forgetMinimal = () => rmSync(peers.minimalCache, { force: true });
  const plugins = [
    { who: "ours", command: ours.pull, forget: ours.forget, keeps: true, calls },
    { who: "minimal", command: peers.minimal.call, forget: forgetMinimal, keeps: true, calls },
    { who: "ecr", command: peers.ecr.call, forget: () => {}, keeps: false, calls: peers.ecrCalls },
    { who: "acrHelper", command: peers.acrHelper.call, forget: () => {}, keeps: false, calls },
  ] as const;
  const rows: HerdRow[] = [];
  for (const apiMs of [0, API_MS]) {
    await delayed(apiMs);
    for (const size of apiMs === 0 ? SIZES : SIZES.slice(-1)) {
      for (const { who, command, forget, keeps, calls } of plugins) {
        for (const state of keeps ? (["cold", "warm"] as const) : (["cold"] as const)) {
          const before = state === "cold" ? forget : () => {};
          rows.push({ who, size, state, apiMs, ...(await herd(command, size, before, calls)) });
        }
      }
    }
  }
  return rows;
}

/** Medians of some herds, and the calls of the last one. */
async function herd(
  command: Measured,
  size: number,
  before: () => void,
  calls: () => Promise<number>,
): Promise<Pick<HerdRow, "wallMs" | "cpuMs" | "calls">> {
  const timings = [];
  let asked = 0;
  for (let repeat = 0; repeat < HERD_REPEATS; repeat++) {
    before();
    const earlier = await calls();
    timings.push(await together(Array.from({ length: size }, () => command)));
    asked = (await calls()) - earlier;
  }
  return {
    wallMs: rounded(median(timings.map(({ wallMs }) => wallMs))),
    cpuMs: rounded(median(timings.map(({ cpuMs }) => cpuMs))),
    calls: asked,
  };
}

function sizesOf({ minimal, ecr, acrHelper }: Peers): Record<"minimal" | "ecr" | "acrHelper", number> {
  const size = ({ path }: { path: string }) => statSync(path).size;
  return { minimal: size(minimal), ecr: size(ecr), acrHelper: size(acrHelper) };
}

function goVersion(): string {
  return /go(\d\S*)/.exec(Bun.spawnSync(["go", "version"]).stdout.toString())?.[1] ?? "unknown";
}

const rounded = (value: number) => Math.round(value * 100) / 100;
