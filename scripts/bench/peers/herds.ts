import { rmSync } from "node:fs";
import type { CloudProcess } from "../cloudProcess.ts";
import { type Measured, median, together } from "../time.ts";
import { HERD_REPEATS, type HerdRow, rounded } from "./data.ts";
import type { Ours } from "./ours.ts";
import type { Peers } from "./peers.ts";

const SIZES = [1, 50, 200];
const API_MS = 100;

/** Each plugin's herds, the API at once and with `API_MS` to its answer; one that keeps nothing has no warm herd. */
export async function herds(
  cloud: CloudProcess,
  peers: Peers,
  ours: Ours,
  rounds: number,
): Promise<HerdRow[]> {
  const repeats = Math.min(rounds, HERD_REPEATS);
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
          rows.push({ who, size, state, apiMs, ...(await herd(command, { size, repeats, before, calls })) });
        }
      }
    }
  }
  return rows;
}

/** Medians of some herds, and the calls of the last one. */
async function herd(
  command: Measured,
  {
    size,
    repeats,
    before,
    calls,
  }: {
    readonly size: number;
    readonly repeats: number;
    readonly before: () => void;
    readonly calls: () => Promise<number>;
  },
): Promise<Pick<HerdRow, "wallMs" | "cpuMs" | "calls">> {
  const timings = [];
  let asked = 0;
  for (let repeat = 0; repeat < repeats; repeat++) {
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
