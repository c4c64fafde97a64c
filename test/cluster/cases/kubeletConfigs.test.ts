import { expect, test } from "bun:test";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { parse } from "yaml";
import { oidcProvider, rolePodPuller } from "../../cloud/defaultWorld.ts";
import { seen } from "../../documents/support/markedBlocks.ts";
import { state } from "../../kubelet/node/inside.ts";
import { pluginRuns } from "../../kubelet/node/kubelet.ts";
import { binDir } from "../cluster/pluginInstallation.ts";
import { corpHost, otherHost, otherLogin } from "../cluster/surroundings.ts";
import { describeOnCluster } from "../cluster/useCluster.ts";

const folder = `${state}/credential-providers`;
const setup = { config: { identity: { source: "ecsRamRole" } } };

describeOnCluster("with a directory of kubelet configs", setup, (at) => {
  test("the plugin stands beside another provider, and each answers for its own registry", async () => {
    mkdirSync(folder);
    copyFileSync(`${state}/credential-provider.yaml`, `${folder}/20-acr.yaml`);
    installOtherProvider();
    await at.useNode({ ...setup, credentialProviderConfig: folder });
    const position = at.kubeletLogPosition();
    await at.workloads.pod({ name: "acr", image: await at.newImage(`${corpHost}/team/web`) });
    await at.workloads.pod({ name: "other", image: await at.newImage(`${otherHost}/team/web`) });
    await Promise.all([at.workloads.running("acr"), at.workloads.running("other")]);

    const logins = at.tokenServer.exchanges.slice(-20).filter(({ service }) => service === otherHost);
    expect(new Set(logins.map(({ username }) => username))).toEqual(new Set([otherLogin.username]));
    const said = at.kubeletLogSince(position);
    for (const text of seen("in the kubelet's log", "the plugin is run")) expect(said).toContain(text);
  });

  test("a config that is changed counts from the kubelet's next start on", async () => {
    await at.useNode(setup);
    const file = `${state}/credential-provider.yaml`;
    const config = parse(readFileSync(file, "utf8"));
    config.providers[0].matchImages = [otherHost];
    writeFileSync(file, JSON.stringify(config));
    await at.workloads.pod({ name: "before", image: await at.newImage(`${corpHost}/team/web`) });
    await at.workloads.running("before");
    await at.stopKubelet();
    await at.startKubelet();
    await at.workloads.pod({ name: "after", image: await at.newImage(`${corpHost}/team/web`) });
    await at.workloads.failedPull("after");
    expect(await pluginRuns()).toBe(0);
  });

  test("tokenAttributes without cacheType end the kubelet at its start", async () => {
    const identity = { source: "serviceAccountToken", oidcProviderArn: oidcProvider, roleArn: rolePodPuller };
    await at.useNode({ config: { identity } });
    await at.stopKubelet();
    const config = parse(readFileSync(`${state}/credential-provider.yaml`, "utf8"));
    config.providers[0].tokenAttributes.cacheType = undefined;
    const file = `${state}/without-cache-type.json`;
    writeFileSync(file, JSON.stringify(config));
    const said = await at.logOfKubeletWith(file).finally(at.startKubelet);
    const [ends = ""] = seen("in the kubelet's log", "the kubelet ends");
    expect(said.split("\n").find((line) => line.includes(ends))).toContain("cacheType");
  });
});

/** A provider for the registry that is not ACR: a script that always gives the same answer. */
function installOtherProvider(): void {
  const apiVersion = "credentialprovider.kubelet.k8s.io/v1";
  const answer = {
    kind: "CredentialProviderResponse",
    apiVersion,
    cacheKeyType: "Registry",
    cacheDuration: "0s",
    auth: { [otherHost]: otherLogin },
  };
  writeFileSync(`${binDir}/other-provider`, `#!/bin/sh\ncat >/dev/null\necho '${JSON.stringify(answer)}'\n`);
  chmodSync(`${binDir}/other-provider`, 0o755);
  const config = {
    apiVersion: "kubelet.config.k8s.io/v1",
    kind: "CredentialProviderConfig",
    providers: [{ name: "other-provider", apiVersion, matchImages: [otherHost], defaultCacheDuration: "0s" }],
  };
  writeFileSync(`${folder}/10-other.json`, JSON.stringify(config));
}
