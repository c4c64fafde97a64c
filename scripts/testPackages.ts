/** `npm run test:packages`: builds the packages, and installs, upgrades and removes them in trees and on a whole node. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import "./build.ts";
import { removeAbandonedCgroups } from "../test/kubelet/node/enclosure.ts";
import { buildKubelet } from "../test/kubelet/setup/build.ts";
import { buildDebianTree } from "../test/kubelet/setup/debianTree.ts";
import { goMissing, installMissing, missingOf, refusedByTheSystem } from "../test/kubelet/setup/machine.ts";
import {
  kubeletRelease,
  newPackages,
  OLD_VERSION,
  oldPackages,
  tools,
} from "../test/packages/support/built.ts";
import type { Counts } from "./junitReport.ts";
import { buildPackages, packExecutable } from "./packages/buildPackages.ts";
import { targets } from "./release/targets.ts";
import { conclude, runEnclosed, runTests, skipped } from "./reportedTests.ts";

const reason = cannotRun();
conclude(reason === undefined ? await testPackages() : [skipped("packages", reason)]);

/** Prepares the machine. @returns why the tests cannot run here, if so. */
function cannotRun(): string | undefined {
  if (process.platform !== "linux") return "packages are installed on Linux";
  if (process.getuid?.() !== 0) return "dpkg and rpm need root";
  const go = goMissing();
  if (go) return go;
  installMissing(tools);
  const absent = missingOf(tools);
  if (absent.length > 0) return `missing commands: ${absent.join(", ")}`;
  return refusedByTheSystem() ?? buildDebianTree();
}

async function testPackages(): Promise<Counts[]> {
  for (const folder of [newPackages, oldPackages]) rmSync(folder, { recursive: true, force: true });
  await buildPackages(newPackages, targets);
  await packOlder();
  await removeAbandonedCgroups();
  await buildKubelet(kubeletRelease);
  // Without this in the environment, the tests skip themselves: they need what is built here.
  process.env.ACR_TEST_PACKAGES = "1";
  const trees = ["contents", "reproducible", "deb", "rpm", "onNode"].map(testFile);
  return [
    await runEnclosed("packages", ...trees),
    await runTests("packages-systemd", [testFile("underSystemd")]),
  ];
}

function testFile(name: string): string {
  return `./test/packages/${name}.test.ts`;
}

/** Packages of an older version, whose executable is another one. */
async function packOlder(): Promise<void> {
  mkdirSync(oldPackages, { recursive: true });
  const executable = `${oldPackages}/executable`;
  writeFileSync(executable, `#!/bin/sh\necho ${OLD_VERSION}\n`, { mode: 0o755 });
  await packExecutable(oldPackages, { executable, target: "linux-x64", version: OLD_VERSION });
}
