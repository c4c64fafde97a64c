import { describe, expect, test } from "bun:test";
import {
  formatFileProblem,
  readCredentialProviderConfig,
} from "../../src/kubelet/credentialProviderConfig/credentialProviderConfig.ts";
import { kubeletRelease } from "../../src/kubelet/kubeletRelease.ts";
import { plugin, withProvider, withTokens, yaml } from "./configTexts.ts";
import { filesOf } from "./files.ts";

async function judge(text: string, kubernetes: string, serviceAccountTokens?: boolean): Promise<string[]> {
  const verdict = await readCredentialProviderConfig("/config", {
    release: kubeletRelease(kubernetes),
    files: filesOf({ "/config": text }),
    ...(serviceAccountTokens === undefined ? {} : { serviceAccountTokens }),
  });
  return verdict.accepted ? [] : verdict.problems.map(formatFileProblem);
}

const tokens = withTokens({});
/** As 1.33 has them. */
const alphaTokens = withTokens({ cacheType: undefined });
const beta = (text: string) => text.replaceAll("k8s.io/v1", "k8s.io/v1beta1");
const twoColons = withProvider({ matchImages: ["a:1:2"] });

/** Read in the source of 1.33.9, and, for what is older, in what `kubelet-config` knows of the releases. */
describe("what differs between releases", () => {
  test.each<[string, string, string, string[]]>([
    ["1.34 takes tokens with a cache type", "1.34", tokens, []],
    ["1.37 does, too", "1.37", tokens, []],
    [
      "1.33 has tokens only with its feature gate, and no cache type",
      "1.33",
      tokens,
      [
        "/config: line 14: providers[0].tokenAttributes.cacheType: Kubernetes 1.33 does not have this field: it came with 1.34",
        "/config: line 12: providers[0].tokenAttributes: needs the kubelet's feature gate KubeletServiceAccountTokenForCredentialProviders, which is off by default in 1.33",
      ],
    ],
    [
      "1.32 has no tokens",
      "1.32",
      tokens,
      [
        "/config: line 12: providers[0].tokenAttributes: Kubernetes 1.32 does not have this field: it came with 1.33",
      ],
    ],
    ["1.25 knows v1beta1", "1.25", beta(withProvider({})), []],
    [
      "1.25 does not know v1",
      "1.25",
      withProvider({}),
      [
        '/config: line 2: apiVersion: is "kubelet.config.k8s.io/v1": Kubernetes 1.25 knows kubelet.config.k8s.io/v1beta1, kubelet.config.k8s.io/v1alpha1',
      ],
    ],
    [
      "1.25 does not know v1 of the plugin API",
      "1.25",
      yaml().replace("config.k8s.io/v1", "config.k8s.io/v1beta1"),
      [
        `/config: line 5: providers[0].apiVersion: is "${plugin}/v1": Kubernetes 1.25 knows ${plugin}/v1beta1, ${plugin}/v1alpha1`,
      ],
    ],
    ["Go 1.25 takes two colons", "1.35", twoColons, []],
    [
      "Go 1.26 does not",
      "1.36",
      twoColons,
      [
        '/config: line 9: providers[0].matchImages[0]: "a:1:2" is not a pattern: what follows its colon is not a port number',
      ],
    ],
  ])("%s", async (_, kubernetes, text, problems) => {
    expect(await judge(text, kubernetes)).toEqual(problems);
  });

  test("the feature gate may be given", async () => {
    expect(await judge(alphaTokens, "1.33", true)).toEqual([]);
    const [problem] = await judge(tokens, "1.34", false);
    expect(problem).toEndWith(
      "needs the kubelet's feature gate KubeletServiceAccountTokenForCredentialProviders, which is switched off",
    );
  });

  test("1.34 reads a directory, 1.33 does not", async () => {
    const files = filesOf({ "/configs/a.yaml": yaml() });
    const read = (kubernetes: string) =>
      readCredentialProviderConfig("/configs", { release: kubeletRelease(kubernetes), files });
    expect(await read("1.34")).toMatchObject({ accepted: true, files: ["/configs/a.yaml"] });
    expect(await read("1.33")).toEqual({
      accepted: false,
      problems: [
        {
          file: "/configs",
          path: "",
          message:
            "cannot be read: it is a directory, and Kubernetes 1.33 reads a single file: name the file",
        },
      ],
    });
  });
});
