import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { appendFileSync, existsSync } from "node:fs";
import type { Check } from "../../../src/commands/doctor/check.ts";
import { accountA, instanceCorp, nodeRoleName } from "../../cloud/defaultWorld.ts";
import { roleArn } from "../../cloud/model/arn.ts";
import { metricsRead } from "../../documents/support/alertRules.ts";
import { seen } from "../../documents/support/markedBlocks.ts";
import { executable } from "../setup/paths.ts";
import { type Release, releases } from "../setup/releases.ts";
import type { Different } from "../support/kubeletConfig.ts";
import { cgroupVariable } from "./enclosure.ts";
import { addPod, metricNames, pluginRuns, removePod } from "./kubelet.ts";
import { enterpriseHost, lookAlikeHost, type Node, personalHost, startNode } from "./node.ts";
import { podState } from "./pods.ts";
import { authorisedRequests } from "./registry.ts";
import { keepLogs, type Service, waitFor } from "./service.ts";

const pluginErrors = "kubelet_credential_provider_plugin_errors_total";
/** Counted where KubeletEnsureSecretPulledImages is on, and from the first check. */
const mustPullChecks = "kubelet_imagemanager_image_mustpull_checks_total";

function expectAll(said: string, parts: readonly string[]): void {
  for (const part of parts) expect(said).toContain(part);
}

const minorOf = ({ version }: Release) => Number(version.split(".")[1]);

/** Short enough to wait for its end. The plugin lets the kubelet keep it for half of that. */
const shortLifeMs = 8_000;

describe.skipIf(!process.env[cgroupVariable])("a whole node", () => {
  let node: Node;
  beforeAll(async () => {
    node = await startNode();
  });
  afterAll(keepLogs);

  describe.each(releases.map((release) => [release.version, release] as const))(
    "with kubelet %s",
    (_, release) => {
      let kubelet: Service;
      let giveBack: () => void = () => {};
      const pods: string[] = [];

      beforeAll(async () => {
        node.clearPluginCache();
        kubelet = await node.startKubelet(release);
      });
      afterAll(() => kubelet.stop());
      afterEach(async () => {
        expect(node.cloud.violations).toEqual([]);
        node.cloud.reset();
        node.cloud.world.tokenLifeMs = undefined;
        giveBack();
        for (const name of pods.splice(0)) {
          removePod(name);
          await waitFor(`end of ${name}`, async () => (await podState(name)) === undefined, {
            log: kubelet.log,
          });
        }
      });

      function start(name: string, image: string, pullPolicy?: "IfNotPresent"): void {
        addPod(name, image, pullPolicy);
        pods.push(name);
      }

      const running = (name: string) =>
        waitFor(`running ${name}`, async () => (await podState(name))?.container === "running", {
          log: kubelet.log,
        });

      const failedPull = (name: string) =>
        waitFor(
          `failed pull of ${name}`,
          async () => {
            const state = await podState(name);
            return /ErrImagePull|ImagePullBackOff/.test(state?.container ?? "") && state;
          },
          { log: kubelet.log },
        );

      /** Takes a permission from the node's role until the end of the test. */
      function revoke(action: string): void {
        const role = node.cloud.world.accounts[0]?.roles.find(({ name }) => name === nodeRoleName);
        const permitted = structuredClone(role?.permissions ?? []);
        giveBack = () => role?.permissions.splice(0, role.permissions.length, ...permitted);
        node.cloud.revoke({ arn: roleArn(accountA, nodeRoleName), action });
      }

      /** The checks of the kubelet's group, by id, of a doctor on this node. */
      function doctor(...images: string[]) {
        const { stdout } = Bun.spawnSync([executable, "doctor", "--output", "json", ...images], { env: {} });
        const { checks } = JSON.parse(stdout.toString()) as { checks: Check[] };
        return (id: string) => checks.find((check) => check.group === "kubelet" && check.id === id);
      }

      async function restartKubelet(): Promise<void> {
        await kubelet.stop();
        kubelet = await node.startKubelet(release);
      }

      test("pods with private images of both editions become running with no secret anywhere", async () => {
        start("enterprise", `${enterpriseHost}/team/web:1`);
        start("personal", `${personalHost}/team/worker:1`);
        await Promise.all([running("enterprise"), running("personal")]);

        expect(await pluginRuns()).toBe(2);
        const editions = node.cloud.issuedTokens.slice(-2).map(({ edition }) => edition);
        expect(editions.toSorted()).toEqual(["enterprise", "personal"]);
        for (const file of ["/var/lib/kubelet/config.json", "/var/lib/kubelet/.dockercfg"]) {
          expect(existsSync(file)).toBe(false);
        }
        for (const secret of node.cloud.secrets) expect(kubelet.log()).not.toContain(secret);
      });

      test("the registries saw the pulls authorised with the token that ACR issued", async () => {
        const [enterprise, personal] = [
          node.registries.enterprise.position(),
          node.registries.personal.position(),
        ];
        node.tokenServer.exchanges.length = 0;
        start("enterprise-again", `${enterpriseHost}/team/worker:1`);
        start("personal-again", `${personalHost}/team/batch:1`);
        await Promise.all([running("enterprise-again"), running("personal-again")]);

        expect(authorisedRequests(node.registries.enterprise, enterprise)).toContain(
          `${enterpriseHost}/v2/team/worker/manifests/1`,
        );
        expect(authorisedRequests(node.registries.personal, personal)).toContain(
          `${personalHost}/v2/team/batch/manifests/1`,
        );
        const outcomes = node.tokenServer.exchanges.map(
          ({ service, username, outcome }) => `${username} at ${service} ${outcome}`,
        );
        expect([...new Set(outcomes)].toSorted()).toEqual([
          "cr_temp_user at enterprise granted",
          "cr_temp_user at personal granted",
        ]);
      });

      test("a kubelet restart causes no token call while the cached token is good", async () => {
        const issued = node.cloud.issuedTokens.length;
        await restartKubelet();
        start("after-restart", `${enterpriseHost}/team/batch:1`);
        await running("after-restart");
        expect(await pluginRuns()).toBe(1);
        expect(node.cloud.issuedTokens).toHaveLength(issued);
        expect(node.cloud.calls("GetAuthorizationToken")).toEqual([]);
      });

      test("with the cloud's API down a pull inside the token's life still works", async () => {
        await restartKubelet();
        for (const operation of [
          "GetAuthorizationToken",
          "ListInstance",
          "AssumeRole",
          "GetCallerIdentity",
        ] as const) {
          node.cloud.faults.set({ operation, kind: "reset" });
        }
        start("without-api", `${enterpriseHost}/team/web:1`);
        await running("without-api");
        expect(await pluginRuns()).toBe(1);
      });

      test("with everything down a pod whose image is on the node already starts without the plugin", async () => {
        await restartKubelet();
        node.cloud.faults.set({ operation: "*", kind: "reset" });
        start("present", `${enterpriseHost}/team/web:1`, "IfNotPresent");
        await running("present");
        expect(await pluginRuns()).toBe(0);
        expect((await metricNames()).includes(mustPullChecks)).toBe(minorOf(release) >= 35);
      });

      test("after the token has expired a second pull renews it", async () => {
        node.cloud.world.tokenLifeMs = shortLifeMs;
        node.clearPluginCache();
        await restartKubelet();
        const issued = node.cloud.issuedTokens.length;
        start("first", `${enterpriseHost}/team/web:1`);
        await running("first");
        expect(node.cloud.issuedTokens).toHaveLength(issued + 1);

        await Bun.sleep(shortLifeMs);
        const { username, password } = node.cloud.issuedTokens.at(-1) as {
          username: string;
          password: string;
        };
        expect(node.cloud.acceptsRegistryLogin(username, password)).toBeUndefined();
        start("second", `${enterpriseHost}/team/web:1`);
        await running("second");
        expect(node.cloud.issuedTokens).toHaveLength(issued + 2);
      });

      test("with permission revoked the pod's event and the kubelet's log say why", async () => {
        node.clearPluginCache();
        await restartKubelet();
        expect(await metricNames()).not.toContain(pluginErrors);
        revoke("cr:GetAuthorizationToken");
        start("revoked", `${enterpriseHost}/team/web:1`);
        const { message } = await failedPull("revoked");

        // All that the pod's event has, as ever when there were no credentials: why there were none, the log says.
        expectAll(message, seen("in the pod's event", "pulled without credentials"));
        const lines = kubelet.log().split("\n");
        expect(
          lines.filter((line) => line.includes('reason="Failed"') && line.includes(enterpriseHost)),
        ).not.toEqual([]);
        const [searched = ""] = seen("in the kubelet's log", "the plugin failed");
        const said = lines.find((line) => line.includes(searched)) ?? "";
        const requestId = node.cloud.calls("GetAuthorizationToken")[0]?.requestId as string;
        expectAll(said, [`${enterpriseHost}/team/web`, instanceCorp, requestId]);
        expectAll(kubelet.log(), seen("in the kubelet's log", "the plugin is run"));
        const names = await metricNames();
        const alertedOn = metricsRead().filter((name) => name !== mustPullChecks);
        expect(names).toEqual(expect.arrayContaining([...alertedOn]));
      });

      test("with a token that may not pull, the event is the same and the kubelet's log has no such line", async () => {
        node.clearPluginCache();
        await restartKubelet();
        const before = kubelet.position();
        revoke("cr:PullRepository");
        start("may-not-pull", `${enterpriseHost}/team/web:1`);
        const { message } = await failedPull("may-not-pull");

        expectAll(message, seen("in the pod's event", "pulled without credentials"));
        expect(node.tokenServer.exchanges.at(-1)?.outcome).toBe("no permission");
        expect(await pluginRuns()).toBe(1);
        for (const text of seen("in the kubelet's log", "the plugin failed")) {
          expect(kubelet.logSince(before)).not.toContain(text);
        }
      });

      test("with an unknown field in its config the kubelet ends, in the words of the index of symptoms", async () => {
        await kubelet.stop();
        const said = await node.logOfKubeletWith(release, { cacheDuration: "5m" } as Different);
        kubelet = await node.startKubelet(release);
        expectAll(said, seen("in the kubelet's log", "the kubelet ends"));
      });

      test("doctor finds this kubelet, and whether it has read the config that is on the disk", async () => {
        const before = doctor(`${enterpriseHost}/team/web:1`);
        expect(before("process")).toMatchObject({ status: "ok", found: "a process of its own" });
        expect(before("release")).toMatchObject({ status: "ok", subject: `Kubernetes ${release.version}` });
        expect(before("config")).toMatchObject({ status: "ok" });
        expect(before("image")).toMatchObject({ status: "ok" });
        expect(before("loaded")).toMatchObject({
          status: "ok",
          found: "the kubelet has read this very content (http://127.0.0.1:10255/metrics)",
        });

        appendFileSync(before("config")?.subject ?? "", "# edited\n");
        expect(doctor()("loaded")).toMatchObject({
          status: "failed",
          found: expect.stringContaining("the kubelet runs with another content"),
        });
        await restartKubelet();
        expect(doctor()("loaded")).toMatchObject({ status: "ok" });
      });

      test("the image of a look-alike host gets no credentials and the cloud sees no request", async () => {
        await restartKubelet();
        node.tokenServer.exchanges.length = 0;
        start("look-alike", `${lookAlikeHost}/team/web:1`);
        await failedPull("look-alike");
        expect(await pluginRuns()).toBe(0);
        expect(node.cloud.requests).toEqual([]);
        expect(node.tokenServer.exchanges).not.toEqual([]);
        for (const exchange of node.tokenServer.exchanges) {
          expect(exchange).toEqual({ service: "look-alike", repository: "team/web", outcome: "anonymous" });
        }
      });
    },
  );
});
