/** `npm run bench -- --peers [--rounds N]`: measures ours beside Go programs, and writes docs/performance.md anew. Needs Go. */
import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { root } from "../project.ts";
import { startCloudProcess } from "./cloudProcess.ts";
import { buildEmpty } from "./empty.ts";
import { documentOf, plotsOf } from "./peers/document.ts";
import { measure } from "./peers/measure.ts";
import { built, oursOf } from "./peers/ours.ts";
import { freshCopy } from "./peers/pages.ts";
import { startPeers } from "./peers/peers.ts";

const FULL_ROUNDS = 40;

/** Measures, prints and writes. Fewer rounds are for a trial; the document says how many there were. */
export async function benchPeers(): Promise<void> {
  const { values } = parseArgs({
    options: { rounds: { type: "string" } },
    allowPositionals: true,
    strict: false,
  });
  const rounds = Number(values.rounds ?? FULL_ROUNDS);
  if (!(rounds >= 1)) throw new Error(`--rounds ${values.rounds}: not a number of rounds`);
  const cloud = await startCloudProcess("api=127.0.0.1:0");
  const peers = await startPeers(cloud);
  const folder = `${root}.cache/bench`;
  const executables = { floor: `${folder}/empty`, ours: `${folder}/plugin` };
  await buildEmpty(`${executables.floor}.built`);
  freshCopy(`${executables.floor}.built`, executables.floor);
  freshCopy(built, executables.ours);
  const ours = oursOf(cloud, executables.ours, peers.proxy);
  try {
    const data = await measure(cloud, { peers, ours, executables, rounds });
    console.log(documentOf(data));
    mkdirSync(`${root}docs/performance`, { recursive: true });
    writeFileSync(`${root}docs/performance/data.json`, `${JSON.stringify(data, null, 2)}\n`);
    writeFileSync(`${root}docs/performance.md`, documentOf(data));
    for (const [name, svg] of await plotsOf(data)) writeFileSync(`${root}docs/performance/${name}`, svg);
  } finally {
    ours.remove();
    await peers.stop();
    await cloud.stop();
  }
}
