import { expect, test } from "bun:test";
import { instanceCorp } from "../../cloud/defaultWorld.ts";
import { corp, describeForEachRelease, startNode } from "../support/nodeWithKubelet.ts";

const image = `${corp}/team/web`;
/** What the kubelet puts before the plugin's own words. */
const before = `error execing credential provider plugin aliyun-acr-credential-provider for image ${image}: exit status 1: `;
const apiMessage = "You are not authorized to do this operation.";

describeForEachRelease("failure", (release) => {
  test("the plugin's one line stands in the kubelet's log and says what, for which image, as whom and why", async () => {
    const { cloud, kubelet } = await startNode(release);
    cloud.faults.set({
      operation: "GetAuthorizationToken",
      kind: "error",
      code: "NoPermission",
      message: apiMessage,
    });
    const { results } = await kubelet.look([`${image}:1`]);
    expect(results[0]).toMatchObject({ found: false, credentials: [] });

    const log = kubelet.log();
    const said = wordsOfThePlugin(log);
    const requestId = cloud.calls("GetAuthorizationToken").at(-1)?.requestId ?? "none";
    for (const part of [image, instanceCorp, "ecsRamRole", "NoPermission", apiMessage, requestId]) {
      expect(said).toContain(part);
    }
    for (const secret of cloud.secrets) expect(log).not.toContain(secret);
  });
});

/** The line that the plugin wrote to stderr. A kubelet since 1.35 puts ` > provider=…` on a line after it. */
function wordsOfThePlugin(log: string): string {
  const [, rest = ""] = log.split(before);
  const [said = "", next = ""] = rest.split("\n");
  expect(next).toMatch(/^(?: > provider=|[IWE]\d{4} |$)/);
  return said;
}
