import { afterEach, describe } from "bun:test";
import { createHash } from "node:crypto";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { type Cloud, type CloudOptions, startCloud } from "../../cloud/cloud.ts";
import { type TestNode, testNode } from "../../support/node.ts";
import { executable } from "../setup/paths.ts";
import { type Release, releases } from "../setup/releases.ts";
import { changedKubeletConfig, type Different, printedKubeletConfig, providerName } from "./kubeletConfig.ts";
import { type LookupResult, type PluginCode, startPluginCode } from "./pluginCode.ts";

/** A node with the plugin installed, the cloud around it, and the kubelet's plugin code running. */
export interface NodeWithKubelet {
  readonly cloud: Cloud;
  readonly node: TestNode;
  readonly kubelet: PluginCode;
}

export interface NodeOptions {
  readonly cloud?: CloudOptions;
  /** Native keys of the plugin's config. */
  readonly config?: Record<string, unknown>;
  /** What is different from the kubelet's config that is printed for it. */
  readonly provider?: Different;
}

const started: (() => Promise<void>)[] = [];

export async function startNode(release: Release, options: NodeOptions = {}): Promise<NodeWithKubelet> {
  const cloud = await startCloud(options.cloud);
  const node = testNode(cloud, options.config);
  started.push(async () => {
    await cloud.stop();
    node.remove();
  });

  const binDir = `${node.directory}/bin`;
  mkdirSync(binDir);
  // Installers like to link, and the kubelet follows.
  symlinkSync(executable, `${binDir}/${providerName}`);
  const config = `${node.directory}/credential-provider-config.yaml`;
  const printed = printedKubeletConfig(node.configFile, release);
  writeFileSync(config, options.provider ? changedKubeletConfig(printed, options.provider) : printed);
  const kubelet = await startPluginCode({ release, config, binDir });
  started.push(kubelet.stop);
  return { cloud, node, kubelet };
}

/** Runs the tests once for each release; everything that they started is stopped after each test. */
export function describeForEachRelease(what: string, tests: (release: Release) => void): void {
  for (const release of releases) {
    describe.skipIf(!process.env.ACR_TEST_KUBELET)(`kubelet ${release.version}: ${what}`, () => {
      afterEach(async () => {
        for (const stop of started.splice(0).reverse()) await stop();
      });
      tests(release);
    });
  }
}

/** The instance whose token the kubelet found; "" is the Personal Edition, undefined a token ACR never issued. */
export function instanceOf(cloud: Cloud, result: LookupResult | undefined): string | undefined {
  const [found] = result?.credentials ?? [];
  const token = cloud.issuedTokens.find(
    ({ username, password }) => username === found?.username && sha256(password) === found?.passwordSha256,
  );
  return token && (token.instanceId ?? "");
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** A default Enterprise host of the instance `corp`. */
export const corp = "corp-registry.cn-hangzhou.cr.aliyuncs.com";
/** The Personal Edition. */
export const personal = "registry.cn-hangzhou.aliyuncs.com";
