/** `npm run test:kubelet`: holds the built executable to the kubelet's code, to official clients, and to a whole node. */
import "./build.ts";
import { removeAbandonedCgroups } from "../test/kubelet/node/enclosure.ts";
import {
  buildHarness,
  buildKubeadm,
  buildKubelet,
  buildOfficialClients,
  buildPodProgram,
  buildRegistryClients,
} from "../test/kubelet/setup/build.ts";
import { buildDebianTree } from "../test/kubelet/setup/debianTree.ts";
import { prepareMachine } from "../test/kubelet/setup/machine.ts";
import { pluginTests } from "../test/kubelet/setup/pluginTests.ts";
import { releases } from "../test/kubelet/setup/releases.ts";
import { name } from "./about.ts";
import { buildNodeExecutable } from "./build/nodeExecutable.ts";
import type { Counts } from "./junitReport.ts";
import { root } from "./project.ts";
import type { Target } from "./release/targets.ts";
import { added, conclude, runEnclosed, runTests, skipped } from "./reportedTests.ts";

const missing = prepareMachine();
conclude([
  await runTests("callers", ["./test/kubelet/callers/", "./test/kubelet/compatibilityTable.test.ts"]),
  await testOfficialClients(),
  await testPluginCode(),
  await testKubeadm(),
  await testWholeNode(),
  await testClients(),
  await testInstalling(),
]);

async function testOfficialClients(): Promise<Counts> {
  const nodePackages = ["./test/officialClients/nodePackages.test.ts"];
  if (missing.go) {
    const those = skipped("Alibaba Cloud's own clients in Go", missing.go);
    return added(those, await runTests("official-clients", nodePackages));
  }
  await buildOfficialClients();
  return runTests("official-clients", ["./test/officialClients/"]);
}

async function testPluginCode(): Promise<Counts> {
  if (missing.go) return skipped("the kubelet's plugin code", missing.go);
  for (const release of releases) await buildHarness(release);
  const tests = ["--parallel", "./test/kubelet/plugin/"];
  const those = await runTests("plugin-code", tests);
  await buildNodeExecutable(`linux-${process.arch}` as Target, `${root}dist/${name}-node`);
  return added(those, await runTests("plugin-code-node", ["--parallel", ...pluginTests], "node"));
}

async function testKubeadm(): Promise<Counts> {
  if (missing.go) return skipped("kubeadm", missing.go);
  await buildKubeadm();
  return runTests("kubeadm", ["./test/nodeConfig/kubeadmConfig.test.ts"]);
}

async function testWholeNode(): Promise<Counts> {
  const reason = missing.go ?? missing.wholeNode;
  if (reason) return skipped("the whole node", reason);
  await buildPodProgram();
  for (const release of releases) await buildKubelet(release);
  await removeAbandonedCgroups();
  const node = await runEnclosed("whole-node", "./test/kubelet/node/wholeNode.test.ts");
  const doctor = await runEnclosed("doctor", "./test/kubelet/node/doctor.test.ts");
  const outside = await runTests("leaves-nothing", ["./test/kubelet/node/leavesNothing.test.ts"]);
  return added(added(node, doctor), outside);
}

/** skopeo, helm, oras and crane as users of the docker credential helper. */
async function testClients(): Promise<Counts> {
  const reason = missing.go ?? missing.wholeNode ?? missing.clients;
  if (reason) return skipped("the clients of registries", reason);
  await buildRegistryClients();
  return runEnclosed("clients", "./test/kubelet/node/clients.test.ts");
}

async function testInstalling(): Promise<Counts> {
  const reason = missing.go ?? missing.wholeNode ?? buildDebianTree();
  if (reason) return skipped("installing under systemd", reason);
  for (const release of releases) await buildKubelet(release);
  const nodes = await runTests("systemd", ["--parallel=5", "./test/kubelet/systemd/"]);
  return added(nodes, await runEnclosed("installed", "./test/kubelet/node/installed.test.ts"));
}
