import { beforeEach, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { accountA, defaultWorld, instanceCorp } from "../cloud/defaultWorld.ts";
import { runExecutable } from "../support/executable.ts";
import { kubeletRequest } from "../support/request.ts";
import { useSimulatedNode } from "../support/simulatedNode.ts";
import { sample, useConfigMap } from "./support/configMap.ts";
import { opened } from "./support/opened.ts";

const CORP = "corp-registry.cn-hangzhou.cr.aliyuncs.com";
const PERSONAL = "registry.cn-hangzhou.aliyuncs.com";

const at = useSimulatedNode();
let serviceAccountToken: string;

beforeEach(() => {
  Object.assign(at.cloud.world, defaultWorld());
  serviceAccountToken = at.cloud.issueServiceAccountToken({ namespace: "apps", serviceAccount: "default" });
});

const pull = (host: string, token = serviceAccountToken) =>
  at.node.pull(`${host}/apps/web`, { serviceAccountToken: token });

describe("the samples of the product document that are right work as a file", () => {
  const real = (text: string) => text.replaceAll(/cri-xxxx?/g, instanceCorp);

  test.each([
    [
      "scenario1-both",
      [
        [PERSONAL, `personal ${accountA}`],
        [CORP, instanceCorp],
      ],
    ],
    [
      "scenario2-regions",
      [
        ["registry.cn-beijing.aliyuncs.com", `personal ${accountA}`],
        [PERSONAL, `personal ${accountA}`],
      ],
    ],
  ])("%s", async (name, expected) => {
    useConfigMap(at, real(await sample(name)));
    for (const [host = "", what] of expected)
      expect(opened(at.cloud, await pull(host), host)).toBe(what as string);
    const validation = await at.node.run(["config", "validate"]);
    expect({ status: validation.status, valid: validation.stdout.includes(": valid") }).toEqual({
      status: 0,
      valid: true,
    });
    expect(validation.stdout).toContain("data.notify-email: has no effect: this program sends no mail");
  });

  test("and serve the service accounts that they name, and no others", async () => {
    useConfigMap(at, real(await sample("scenario1-both")));
    const other = at.cloud.issueServiceAccountToken({ namespace: "apps", serviceAccount: "builder" });
    const { status, stderr } = await pull(CORP, other);
    expect(status).toBe(1);
    expect(stderr).toContain("service account apps/builder may not pull");
    const { stderr: withoutToken } = await at.node.pull(`${CORP}/apps/web`);
    expect(withoutToken).toContain("tokenAttributes");
  });

  test.each([
    ["scenario1-enterprise", '"xxx.com","yyy.com"', `"xxx.com,${CORP}"`, CORP, instanceCorp],
    [
      "scenario1-personal",
      '"xxx.com","yyy.com"',
      '"xxx.com,images.example.com"',
      "images.example.com",
      `personal ${accountA}`,
    ],
    ["configmap-enterprise", /\n\s\snamespace/, "\n namespace", CORP, instanceCorp],
    ["configmap-personal", /\n\s+regionId/, "\n      regionId", PERSONAL, `personal ${accountA}`],
  ])("%s, with its mistake fixed as the message says", async (name, mistake, fixed, host, what) => {
    useConfigMap(at, real((await sample(name)).replace(mistake, fixed)));
    expect(opened(at.cloud, await pull(host), host)).toBe(what);
  });
});

describe("the samples that are wrong fail with the message that helps", () => {
  const list = 'write one string, domains: "xxx.com,yyy.com", or a list, domains: [xxx.com, yyy.com]';
  test.each([
    ["scenario1-enterprise", "line 9: data.acr-registry-info", list],
    ["scenario1-personal", "line 9: data.acr-registry-info", list],
    [
      "configmap-personal",
      "line 6: data.acr-registry-info",
      '"regionId" is 2 columns to the right of "instanceId" on line 5',
    ],
    ["configmap-enterprise", "line 13", '"namespace" is 1 column to the right of "name" on line 12'],
    ["template-enterprise", "is a list", "for acr-registry-info, into the ConfigMap"],
    ["template-personal", "is a list", "for acr-registry-info, into the ConfigMap"],
  ])("%s", async (name, place, help) => {
    const file = `${at.node.directory}/sample.yaml`;
    writeFileSync(file, await sample(name));
    const pulled = await runExecutable({
      args: ["--config", file],
      stdin: kubeletRequest(`${CORP}/apps/web`),
    });
    expect({ status: pulled.status, stdout: pulled.stdout }).toEqual({ status: 2, stdout: "" });
    const validated = await runExecutable({ args: ["config", "validate", file] });
    expect(validated.status).toBe(2);
    const imported = await runExecutable({ args: ["config", "import", file] });
    expect({ status: imported.status, stdout: imported.stdout }).toEqual({ status: 2, stdout: "" });
    for (const said of [pulled.stderr, validated.stdout, imported.stderr]) {
      expect(said).toContain(place);
      expect(said).toContain(help);
    }
  });
});
