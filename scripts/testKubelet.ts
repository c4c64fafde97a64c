/** `npm run test:kubelet`: holds the built executable to the kubelet's code, to official clients, and to a whole node. */
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import "./build.ts";
import { enclose, removeAbandonedCgroups } from "../test/kubelet/node/enclosure.ts";
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
import { releases } from "../test/kubelet/setup/releases.ts";
import { root } from "./project.ts";

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const reports = `${root}.cache/kubelet/reports`;
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

const missing = prepareMachine();
const counts: Counts[] = [];
counts.push(await run("callers", ["./test/kubelet/callers/", "./test/kubelet/compatibilityTable.test.ts"]));
counts.push(await testOfficialClients());
counts.push(await testPluginCode());
counts.push(await testKubeadm());
counts.push(await testWholeNode());
counts.push(await testClients());
counts.push(await testInstalling());

const sum = (kind: keyof Counts) => counts.reduce((total, each) => total + each[kind], 0);
console.log(`\n${sum("passed")} passed, ${sum("failed")} failed, ${sum("skipped")} skipped`);
process.exitCode = sum("failed") > 0 ? 1 : 0;

async function testOfficialClients(): Promise<Counts> {
  const nodePackages = ["./test/officialClients/nodePackages.test.ts"];
  if (missing.go) {
    const those = skipped("Alibaba Cloud's own clients in Go", missing.go);
    return added(those, await run("official-clients", nodePackages));
  }
  await buildOfficialClients();
  return run("official-clients", ["./test/officialClients/"]);
}

async function testPluginCode(): Promise<Counts> {
  if (missing.go) return skipped("the kubelet's plugin code", missing.go);
  for (const release of releases) await buildHarness(release);
  return run("plugin-code", ["./test/kubelet/plugin/"]);
}

async function testKubeadm(): Promise<Counts> {
  if (missing.go) return skipped("kubeadm", missing.go);
  await buildKubeadm();
  return run("kubeadm", ["./test/nodeConfig/kubeadmConfig.test.ts"]);
}

async function testWholeNode(): Promise<Counts> {
  const reason = missing.go ?? missing.wholeNode;
  if (reason) return skipped("the whole node", reason);
  await buildPodProgram();
  for (const release of releases) await buildKubelet(release);
  await removeAbandonedCgroups();
  const node = await runEnclosed("whole-node", "./test/kubelet/node/wholeNode.test.ts");
  const doctor = await runEnclosed("doctor", "./test/kubelet/node/doctor.test.ts");
  const outside = await run("leaves-nothing", ["./test/kubelet/node/leavesNothing.test.ts"]);
  return added(added(node, doctor), outside);
}

/** Each in namespaces of its own: a node takes all of ACR's addresses. */
async function runEnclosed(name: string, file: string): Promise<Counts> {
  const { command, report } = bunTest(name, [file]);
  return countsOf(report, await enclose(command, { env: enabled() }).ended());
}

/** skopeo, helm, oras and crane as users of the docker credential helper. */
async function testClients(): Promise<Counts> {
  const reason = missing.go ?? missing.wholeNode ?? missing.clients;
  if (reason) return skipped("the clients of registries", reason);
  await buildRegistryClients();
  const { command, report } = bunTest("clients", ["./test/kubelet/node/clients.test.ts"]);
  return countsOf(report, await enclose(command, { env: enabled() }).ended());
}

async function testInstalling(): Promise<Counts> {
  const reason = missing.go ?? missing.wholeNode ?? buildDebianTree();
  if (reason) return skipped("installing under systemd", reason);
  for (const release of releases) await buildKubelet(release);
  const nodes = await run("systemd", ["./test/kubelet/systemd/"], ["--parallel=5"]);
  return added(nodes, await runEnclosed("installed", "./test/kubelet/node/installed.test.ts"));
}

function skipped(what: string, reason: string): Counts {
  console.log(`\nskipped: ${what}: ${reason}`);
  return { passed: 0, failed: 0, skipped: 1 };
}

async function run(name: string, files: string[], options: string[] = []): Promise<Counts> {
  const { command, report } = bunTest(name, [...options, ...files]);
  const child = Bun.spawn(command, { env: enabled(), stdio: ["ignore", "inherit", "inherit"] });
  return countsOf(report, await child.exited);
}

/** Without this in the environment, the tests skip themselves: they need what is built here. */
function enabled() {
  return { ...process.env, ACR_TEST_KUBELET: "1" };
}

function bunTest(name: string, args: string[]) {
  const report = `${reports}/${name}.xml`;
  const options = ["--timeout=180000", "--reporter=junit", `--reporter-outfile=${report}`];
  return { command: [process.execPath, "test", ...options, ...args], report };
}

/** Reads bun's report; a run that failed without a failed test counts as one failure. */
function countsOf(report: string, status: number): Counts {
  const [, attributes = ""] = existsSync(report)
    ? (/<testsuites ([^>]*)>/.exec(readFileSync(report, "utf8")) ?? [])
    : [];
  const attribute = (name: string) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(attributes)?.[1] ?? 0);
  const [tests, skipped] = [attribute("tests"), attribute("skipped")];
  const failed = Math.max(attribute("failures"), status === 0 ? 0 : 1);
  return { passed: Math.max(0, tests - failed - skipped), failed, skipped };
}

function added(one: Counts, other: Counts): Counts {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
  };
}
