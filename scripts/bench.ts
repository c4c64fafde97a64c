/**
 * Measures the executable as whole processes, each against a yardstick of the same run: `npm run bench`; with `-- --peers`
 * beside Go programs, for docs/performance.md.
 * Times are medians; machines differ and drift, so only the ratios are compared with the promises.
 */
import { copyFileSync } from "node:fs";
import { instanceCorp, keyA } from "../test/cloud/defaultWorld.ts";
import { kubeletEnvironment } from "../test/support/kubeletEnvironment.ts";
import { type TestNode, testNode } from "../test/support/node.ts";
import { kubeletRequest } from "../test/support/request.ts";
import { besideNode } from "./bench/besideNode.ts";
import { startCloudProcess } from "./bench/cloudProcess.ts";
import { buildEmpty } from "./bench/empty.ts";
import { herd } from "./bench/herd.ts";
import { peakMemoryMiB } from "./bench/memory.ts";
import { printSizes } from "./bench/sizes.ts";
import { interleavedMedians, type Measured } from "./bench/time.ts";
import { root } from "./project.ts";

const RUNS = 60;
const CORP = "corp-registry.cn-hangzhou.cr.aliyuncs.com";
const built = `${root}dist/aliyun-acr-credential-provider`;
const folder = `${root}.cache/bench`;
const [executable, empty] = [`${folder}/plugin`, `${folder}/empty`];

// Not by `import`: the build reads arguments of its own.
if (!process.argv.includes("--no-build")) {
  const { exitCode } = Bun.spawnSync([process.execPath, "run", `${root}scripts/build.ts`], {
    stdout: "inherit",
    stderr: "inherit",
  });
  if (exitCode !== 0) process.exit(exitCode);
}
if (process.argv.includes("--peers")) {
  await (await import("./bench/peers.ts")).benchPeers();
  process.exit();
}
await buildEmpty(empty);

const cloud = await startCloudProcess();
const registries = [{ instanceId: instanceCorp, instanceName: "corp", regionId: "cn-hangzhou" }];
const accessKey = { source: "accessKey", accessKeyId: keyA.id, accessKeySecret: keyA.secret };
const node = testNode(cloud, { registries, identity: { source: "ecsRamRole" }, log: {} });
const keyInConfig = testNode(cloud, { registries, identity: accessKey, log: {} });
const cold = testNode(cloud, { registries, identity: accessKey, log: {}, cache: { enabled: false } });
const pull = ({ configFile }: TestNode, image = `${CORP}/apps/web`): Measured => ({
  argv: [executable, "--config", configFile],
  stdin: kubeletRequest(image),
  env: kubeletEnvironment,
});

// Only what the page cache holds in the same way can be compared: memory that lay idle is not there as new memory is.
copyFileSync(built, executable);
await interleavedMedians(1, [pull(node), pull(keyInConfig)]);

const [floor, version, refusal, hit, hitWithKey, call] = await interleavedMedians(RUNS, [
  { argv: [empty] },
  { argv: [executable, "--version"], env: kubeletEnvironment },
  pull(node, "docker.io/library/nginx"),
  pull(node),
  pull(keyInConfig),
  pull(cold),
]);
console.log(
  `\nTime, median of ${RUNS} interleaved runs of the whole process, with the variables of kubelet-config`,
);
row("empty Bun executable, without", `${floor.toFixed(1)} ms`, "1.00x");
const time = (name: string, ms: number, limit: number) =>
  row(name, `${ms.toFixed(1)} ms`, promise(ms / floor, limit, "x"));
time("--version", version, 1.9);
time("image of another registry", refusal, 2.1);
time("cache hit", hit, 2.1);
time("cache hit, AccessKey in the config", hitWithKey, 2.2);
time("one token call, loopback TLS", call, 4.5);

console.log("\nPeak memory (VmHWM when the answer is written, median of 5)");
row("cache hit", "", promise(await peakMemoryMiB(pull(node)), 36, " MiB"));
row("one token call, loopback TLS", "", promise(await peakMemoryMiB(pull(cold)), 43, " MiB"));

await printSizes();
await besideNode(executable, {
  start: { argv: [executable, "--version"], env: kubeletEnvironment },
  refusal: pull(node, "docker.io/library/nginx"),
  hit: pull(node),
  call: pull(cold),
});
await herd(cloud, registries, accessKey, kubeletRequest(`${CORP}/apps/web`), row);

for (const one of [node, keyInConfig, cold]) one.remove();
await cloud.stop();

function promise(value: number, limit: number, unit: string): string {
  const verdict = value <= limit ? "kept" : "BROKEN";
  return `${value.toFixed(2)}${unit} (promised: at most ${limit}${unit}, ${verdict})`;
}

function row(name: string, value: string, note: string): void {
  console.log(`  ${name.padEnd(35)} ${value.padStart(9)}  ${note}`);
}
