/** `npm run test:cluster`: holds the built executable to a whole cluster. */
import "./build.ts";
import { buildChartImages } from "../test/cluster/setup/chartImages.ts";
import { buildClusterPrograms, goMissingForCluster } from "../test/cluster/setup/programs.ts";
import { removeAbandonedCgroups } from "../test/kubelet/node/enclosure.ts";
import { prepareMachine } from "../test/kubelet/setup/machine.ts";
import type { Counts } from "./junitReport.ts";
import { conclude, runEnclosed, runTests, skipped } from "./reportedTests.ts";

/** `CASES=outages npm run test:cluster` runs just that file, and not what a cluster leaves behind. */
const chosen = process.env.CASES;

const { go, wholeNode } = prepareMachine();
const reason = go ?? goMissingForCluster() ?? wholeNode;
conclude(reason ? [skipped("the cluster", reason)] : await testCluster());

async function testCluster(): Promise<Counts[]> {
  await buildClusterPrograms();
  const noChart = chosen && chosen !== "chart" ? "not chosen" : await buildChartImages();
  if (noChart) console.log(`skipped: the chart on the cluster: ${noChart}`);
  else process.env.ACR_TEST_CHART = "1";
  await removeAbandonedCgroups();
  const files = chosen ? `./test/cluster/cases/${chosen}.test.ts` : "./test/cluster/cases/";
  const cases = await runEnclosed("cluster", files);
  return chosen
    ? [cases]
    : [cases, await runTests("cluster-leaves-nothing", ["./test/cluster/leavesNothing.test.ts"])];
}
