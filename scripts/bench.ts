/**
 * Measures the executable as whole processes, each against a yardstick of the same run: `npm run bench`.
 * Times are medians; machines differ and drift, so only the ratios are compared with the promises.
 */
import { mkdirSync } from "node:fs";
import { startCloud } from "../test/cloud/cloud.ts";
import { instanceCorp, keyA } from "../test/cloud/defaultWorld.ts";
import { testNode } from "../test/support/node.ts";
import { kubeletRequest } from "../test/support/request.ts";
import { herd } from "./bench/herd.ts";
import { peakMemoryMiB } from "./bench/memory.ts";
import { printSizes } from "./bench/sizes.ts";
import { interleavedMedians } from "./bench/time.ts";
import { root } from "./project.ts";

const RUNS = 60;
const IMAGE = "corp-registry.cn-hangzhou.cr.aliyuncs.com/apps/web";
const executable = `${root}dist/aliyun-acr-credential-provider`;
const empty = `${root}.cache/bench/empty`;

if (!process.argv.includes("--no-build")) await import("./build.ts");
await buildEmpty();

const cloud = await startCloud();
const registries = [{ instanceId: instanceCorp, instanceName: "corp", regionId: "cn-hangzhou" }];
const identity = { source: "accessKey", accessKeyId: keyA.id, accessKeySecret: keyA.secret };
const warm = testNode(cloud, { registries, identity, log: {} });
const cold = testNode(cloud, { registries, identity, log: {}, cache: { enabled: false } });
const stdin = kubeletRequest(IMAGE);
const hit = [executable, "--config", warm.configFile];
const call = [executable, "--config", cold.configFile];
await warm.pull(IMAGE);

const [floor, hitMs, callMs] = await interleavedMedians(RUNS, stdin, [[empty], hit, call]);
console.log(`\nTime, median of ${RUNS} interleaved runs of the whole process`);
row("empty Bun executable", `${floor.toFixed(1)} ms`, "1.00x");
row("cache hit (YAML config)", `${hitMs.toFixed(1)} ms`, promise(hitMs / floor, 2.5, "x"));
row("one token call, loopback TLS", `${callMs.toFixed(1)} ms`, promise(callMs / floor, 4.5, "x"));

console.log("\nPeak memory (VmHWM when the answer is written, median of 5)");
row("cache hit", "", promise(await peakMemoryMiB(hit, stdin), 40, " MiB"));
row("one token call, loopback TLS", "", promise(await peakMemoryMiB(call, stdin), 50, " MiB"));

await printSizes();
await herd(cloud, registries, identity, stdin, row);

warm.remove();
cold.remove();
await cloud.stop();

async function buildEmpty(): Promise<void> {
  mkdirSync(`${root}.cache/bench`, { recursive: true });
  const entry = `${root}.cache/bench/empty.ts`;
  await Bun.write(entry, "");
  await Bun.build({
    entrypoints: [entry],
    compile: { outfile: empty, autoloadBunfig: false, autoloadDotenv: false },
    minify: true,
    bytecode: true,
    format: "esm",
  });
}

function promise(value: number, limit: number, unit: string): string {
  const verdict = value <= limit ? "kept" : "BROKEN";
  return `${value.toFixed(2)}${unit} (promised: at most ${limit}${unit}, ${verdict})`;
}

function row(name: string, value: string, note: string): void {
  console.log(`  ${name.padEnd(34)} ${value.padStart(9)}  ${note}`);
}
