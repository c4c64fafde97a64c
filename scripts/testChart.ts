/** `npm run test:chart`: makes the image and holds it and the chart to containerd, helm and the API's own schemas. */
import "./build.ts";
import { chartTools } from "../test/chart/setup/chartTools.ts";
import { imageMissing } from "../test/chart/setup/imageMissing.ts";
import { image } from "../test/chart/setup/paths.ts";
import { removeAbandonedCgroups } from "../test/kubelet/node/enclosure.ts";
import { prepareMachine } from "../test/kubelet/setup/machine.ts";
import type { Counts } from "./junitReport.ts";
import { root } from "./project.ts";
import { conclude, runEnclosed, runTests, skipped } from "./reportedTests.ts";

const missing = prepareMachine();
// Without this in the environment, the tests skip themselves: they need what is built here.
process.env.ACR_TEST_CHART = "1";
conclude([await testTemplates(), ...(await testImage())]);

async function testTemplates(): Promise<Counts> {
  const reason = missing.go ?? (await chartTools());
  return reason ? skipped("the chart", reason) : runTests("chart", ["./test/chart/chart/"]);
}

async function testImage(): Promise<Counts[]> {
  const reason = imageMissing();
  if (reason) return [skipped("the image", reason)];
  const command = [process.execPath, "run", `${root}scripts/image.ts`, "--output", image];
  const { exitCode } = Bun.spawnSync(command, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  if (exitCode !== 0) return [{ passed: 0, failed: 1, skipped: 0 }];
  const layout = await runTests("image", ["./test/chart/image/image.test.ts"]);
  if (missing.wholeNode) return [layout, skipped("the image, run by containerd", missing.wholeNode)];
  await removeAbandonedCgroups();
  return [layout, await runEnclosed("image-runs", "./test/chart/image/imageRuns.test.ts")];
}
