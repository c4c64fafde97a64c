import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import type { Different } from "../support/kubeletConfig.ts";
import { describeForEachRelease, startNode } from "../support/nodeWithKubelet.ts";
import { startPluginCode } from "../support/pluginCode.ts";

describeForEachRelease("start", (release) => {
  test("with the executable missing the kubelet does not start", async () => {
    const { node } = await startNode(release);
    rmSync(`${node.directory}/bin/aliyun-acr-credential-provider`);
    const config = `${node.directory}/credential-provider-config.yaml`;
    const starting = startPluginCode({ release, config, binDir: `${node.directory}/bin` });
    // The kubelet forgets to say which one: there are two spaces in its words.
    await expect(starting).rejects.toThrow("plugin binary executable  did not exist");
  });

  test.each([
    ["an unknown field", { cacheDuration: "5m" }, 'unknown field "providers[0].cacheDuration"'],
    [
      "a version of the plugin API that there is not",
      { apiVersion: "credentialprovider.kubelet.k8s.io/v2" },
      "v2",
    ],
    ["no pattern", { matchImages: [] }, "matchImages"],
  ])("with %s in its config the kubelet does not start", async (_, provider, reason) => {
    await expect(startNode(release, { provider: provider as Different })).rejects.toThrow(reason);
  });

  test("a pattern that can never match is no reason for the kubelet not to start", async () => {
    const { kubelet } = await startNode(release, {
      provider: { matchImages: ["registry.cn-hangzhou.aliyuncs.com/*"] },
    });
    const { results, plugin } = await kubelet.look(["registry.cn-hangzhou.aliyuncs.com/team/web:1"]);
    expect(results[0]?.found).toBe(false);
    expect(plugin.execs).toBe(0);
  });

  test("the kubelet's config_info metric is a hash over the length and the bytes of the config file", async () => {
    const { node, kubelet } = await startNode(release);
    const content = Buffer.from(await Bun.file(`${node.directory}/credential-provider-config.yaml`).bytes());
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(content.length));
    const hash = createHash("sha256").update(length).update(content).digest("hex");
    expect((await kubelet.look([])).plugin.configHash).toBe(`sha256:${hash}`);
  });
});
