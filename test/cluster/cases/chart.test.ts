import { beforeAll, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { root } from "../../../scripts/project.ts";
import { chart, image, isEnabled, toolOf } from "../../chart/setup/paths.ts";
import { run, state } from "../../kubelet/node/inside.ts";
import { pluginConfig } from "../../kubelet/node/pluginConfig.ts";
import { waitFor } from "../../kubelet/node/service.ts";
import { executable, kubeletOf } from "../../kubelet/setup/paths.ts";
import { joinedConfiguration, joinedFlags } from "../cluster/joinedKubelet.ts";
import { environmentFile, startUnitOfKubelet, type UnitOfKubelet } from "../cluster/standInForSystemd.ts";
import { corpHost } from "../cluster/surroundings.ts";
import { describeOnCluster, type InCluster } from "../cluster/useCluster.ts";
import { nextImage, nextVersion } from "../setup/chartImages.ts";
import { release } from "../setup/programs.ts";

const plugin = "aliyun-acr-credential-provider";
const installed = `/usr/local/lib/credential-providers/${plugin}`;
const repository = "chart.example/tools/plugin";
const daemonSet = `acr-${plugin}`;
const { version } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));

interface Pod {
  readonly metadata: { readonly name: string };
  readonly status: {
    readonly initContainerStatuses?: readonly {
      readonly restartCount: number;
      readonly lastState: { readonly terminated?: { readonly message: string } };
    }[];
  };
}

/** In the order of an operator's life with it: each test goes on where the one before it ended. */
describeOnCluster(
  "the chart, whose pods restart the kubelet by a stand-in for systemd",
  undefined,
  (at) => {
    let kubelet: UnitOfKubelet;

    beforeAll(async () => {
      if (!isEnabled) return;
      await at.useKubelet((cgroup, kubeconfig) => {
        const command = kubeletCommand(cgroup, kubeconfig);
        kubelet = startUnitOfKubelet(command);
        return kubelet;
      });
      for (const archive of [image, nextImage]) {
        run("ctr", "-n", "k8s.io", "images", "import", "--base-name", repository, `${archive}.tar`);
      }
    });

    const it = test.skipIf(!isEnabled);

    it("rests at first: its pod is ready, and the node is as it was", async () => {
      documented(at, "helm install", values(at, { mode: undefined }));
      await rolledOut(at);
      expect(existsSync(installed)).toBe(false);
      expect(kubelet.restarts()).toBe(0);
    });

    it("installs: the kubelet is restarted once, and an image is pulled that could not be before", async () => {
      const name = await at.newImage(`${corpHost}/team/web`);
      await at.workloads.pod({ name: "before", image: name });
      await waitFor("failed pull", async () => (await at.workloads.events("before", "Failed")).length > 0);
      documented(at, "helm upgrade", values(at, { mode: undefined }));
      await rolledOut(at);
      expect(kubelet.restarts()).toBe(1);
      expect(nodeState()).toMatchObject({ isInstalled: true, isWired: true, isRunning: true });
      expect(readFileSync(environmentFile, "utf8")).toContain("--image-credential-provider-config=");
      await at.workloads.running("before");
    });

    it("runs once more, and restarts nothing", async () => {
      kubectl(at, "rollout", "restart", `daemonset/${daemonSet}`);
      await rolledOut(at);
      expect(kubelet.restarts()).toBe(1);
    });

    it("upgrades by its image: another executable, by the kubelet that ran before", async () => {
      upgrade(at, values(at, { image: { ...imageValues, tag: nextVersion } }));
      await rolledOut(at);
      expect(run(installed, "--version")).toBe(`${plugin} ${nextVersion}\n`);
      expect(kubelet.restarts()).toBe(1);
      await at.workloads.pod({ name: "after", image: await at.newImage(`${corpHost}/team/web`) });
      await at.workloads.running("after");
    });

    it("stops where the kubelet does not start with it: all is put back, once, and the pod says why", async () => {
      const restrained = { access: { namespaces: ["apps"] } };
      upgrade(at, values(at, { config: configOf(at, restrained) }));
      const failed = await waitFor("second try", async () => {
        const status = await installerOf(at);
        return status !== undefined && status.restartCount > 1 && status;
      });
      expect(failed.lastState.terminated?.message).toContain("is not restarted for it again");
      // With the content that it rejects, and once more with what was there before.
      expect(kubelet.restarts()).toBe(3);
      expect(nodeState()).toMatchObject({ isRunning: true });
      expect(run(installed, "--version")).toBe(`${plugin} ${nextVersion}\n`);
      expect(isRolledOut(at)).toBe(false);
      run(...helmCommand(at, "rollback", "acr"));
      await rolledOut(at);
      expect(kubelet.restarts()).toBe(3);
    });

    it("uninstalls: the node is as it was, and nothing of the release is left", async () => {
      upgrade(at, values(at, { mode: "uninstall" }));
      await rolledOut(at);
      expect(kubelet.restarts()).toBe(4);
      expect(nodeState()).toMatchObject({ isInstalled: false, isRunning: false });
      expect(existsSync(installed)).toBe(false);
      expect(readFileSync(environmentFile, "utf8")).toBe("KUBELET_EXTRA_ARGS=\n");
      run(...helmCommand(at, "uninstall", "acr", "--wait"));
      await waitFor(
        "end of everything of the release",
        () => kubectl(at, "get", "all", "--selector=app.kubernetes.io/instance=acr") === "",
      );
    });
  },
  async () => {},
);

const imageValues = { repository, tag: version, pullPolicy: "Never" };

function values(at: InCluster, different: object = {}): string {
  const chosen = {
    mode: "install",
    image: imageValues,
    minReadySeconds: 0,
    config: configOf(at),
    ...different,
  };
  writeFileSync(`${state}/values.json`, JSON.stringify(chosen));
  return `${state}/values.json`;
}

const configOf = ({ cloud }: InCluster, native: object = {}) =>
  JSON.parse(pluginConfig(cloud, { identity: { source: "ecsRamRole" }, ...native }));

/** Runs the line of docs/install.md that begins so, with these values. */
function documented(at: InCluster, beginning: string, file: string): void {
  const lines = readFileSync(`${root}docs/install.md`, "utf8").split("\n");
  const line = lines.find((each) => each.startsWith(beginning)) ?? "false";
  const helm = [toolOf("helm"), ...at.controlPlane.kubectlCommand.slice(1)].join(" ");
  run("sh", "-ec", `cd ${root}; ${line.replace("helm", helm).replace("values.yaml", file)}`);
}

function upgrade(at: InCluster, file: string): void {
  run(...helmCommand(at, "upgrade", "acr", chart, "--values", file));
}

const helmCommand = ({ controlPlane }: InCluster, ...args: string[]) => [
  toolOf("helm"),
  ...controlPlane.kubectlCommand.slice(1),
  "--namespace=kube-system",
  ...args,
];

const kubectl = ({ controlPlane }: InCluster, ...args: string[]) =>
  controlPlane.kubectl(["--namespace=kube-system", ...args]);

/** Until its pod is ready, and of this version of the DaemonSet. The stand-in for systemd is in this process, and must go on. */
const rolledOut = (at: InCluster): Promise<boolean> =>
  waitFor("rollout", () => isRolledOut(at), { seconds: 100, log: () => kubectl(at, "describe", "pods") });

const isRolledOut = (at: InCluster): boolean =>
  kubectl(at, "rollout", "status", `daemonset/${daemonSet}`, "--watch=false").includes("successfully");

async function installerOf({ controlPlane }: InCluster) {
  const selector = encodeURIComponent("app.kubernetes.io/instance=acr");
  const path = `/api/v1/namespaces/kube-system/pods?labelSelector=${selector}`;
  const { items } = await controlPlane.api.request<{ items: Pod[] }>("GET", path);
  return items[0]?.status.initContainerStatuses?.[0];
}

const nodeState = () => JSON.parse(run(executable, "node", "status", "--output", "json"));

/** Without the plugin's flags. It is told to know nothing of tokens for plugins, where node install does not look. */
function kubeletCommand(cgroup: string, kubeconfig: string): string[] {
  const [config, dropIns] = [`${state}/kubelet-unit.json`, "/etc/kubelet.d"];
  writeFileSync(config, JSON.stringify(joinedConfiguration(cgroup)));
  mkdirSync(dropIns, { recursive: true });
  const gates = { KubeletServiceAccountTokenForCredentialProviders: false };
  const kind = { apiVersion: "kubelet.config.k8s.io/v1beta1", kind: "KubeletConfiguration" };
  writeFileSync(`${dropIns}/gates.conf`, JSON.stringify({ ...kind, featureGates: gates }));
  return [
    kubeletOf(release),
    `--config=${config}`,
    `--config-dir=${dropIns}`,
    ...joinedFlags(kubeconfig),
    "-v=5",
  ];
}
