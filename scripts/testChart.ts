/** `npm run test:chart`: makes the image and holds it and the chart to containerd, helm and the API's own schemas. */
import "./build.ts";
import { existsSync } from "node:fs";
import { chartTools } from "../test/chart/setup/chartTools.ts";
import { imageMissing } from "../test/chart/setup/imageMissing.ts";
import { image } from "../test/chart/setup/paths.ts";
import { enclose, removeAbandonedCgroups } from "../test/kubelet/node/enclosure.ts";
import { prepareMachine } from "../test/kubelet/setup/machine.ts";
import { root } from "./project.ts";

const missing = prepareMachine();
const bunTest = [process.execPath, "test", "--timeout=180000"];
const statuses: number[] = [];

const noTools = missing.go ?? (await chartTools());
if (noTools) skipped("the chart", noTools);
else statuses.push(await run([...bunTest, "./test/chart/chart/"]));

const noImage = imageMissing();
if (noImage) skipped("the image", noImage);
else await testImage();

process.exitCode = statuses.some((status) => status !== 0) ? 1 : 0;

async function testImage(): Promise<void> {
  statuses.push(await run([process.execPath, "run", `${root}scripts/image.ts`, "--output", image]));
  if (!existsSync(`${image}.tar`)) return;
  statuses.push(await run([...bunTest, "./test/chart/image/image.test.ts"]));
  if (missing.wholeNode) return skipped("the image, run by containerd", missing.wholeNode);
  await removeAbandonedCgroups();
  const command = [...bunTest, "./test/chart/image/imageRuns.test.ts"];
  statuses.push(await enclose(command, { env: enabled() }).ended());
}

function skipped(what: string, reason: string): void {
  console.log(`\nskipped: ${what}: ${reason}`);
}

function run(command: string[]): Promise<number> {
  return Bun.spawn(command, { env: enabled(), cwd: root, stdio: ["ignore", "inherit", "inherit"] }).exited;
}

/** Without this in the environment, the tests skip themselves: they need what is built here. */
function enabled() {
  return { ...process.env, ACR_TEST_CHART: "1" };
}
