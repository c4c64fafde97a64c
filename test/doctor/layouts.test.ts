import { afterAll, describe, expect, test } from "bun:test";
import type { Check } from "../../src/commands/doctor/check.ts";
import {
  credentialProviderConfig,
  image,
  kubeadmNode,
  kubeletFlags,
  provider,
  providerConfig,
  withKubelet,
} from "./support/nodes.ts";
import {
  binDir,
  credentialConfig,
  type DoctorReport,
  doctorOn,
  impossible,
  plugin,
  pluginConfig,
  removePrepared,
} from "./support/simulatedKubelet.ts";

afterAll(removePrepared);

const localGroups = ["config", "executable", "kubelet"];

function found({ checks }: DoctorReport, group: string, id: string): Check | undefined {
  return checks.find((each) => each.group === group && each.id === id);
}

/** What is not well on this node; whom it could reach is not tried. */
function notOk({ checks }: DoctorReport): Check[] {
  return checks.filter(({ group, status }) => localGroups.includes(group) && status !== "ok");
}

const rancher = "/var/lib/rancher/credentialprovider";
const installed = `mkdir -p ${rancher}/bin && cp ${plugin} ${rancher}/bin/`;
const rancherFiles = {
  [`${rancher}/config.yaml`]: credentialProviderConfig(provider()),
  [pluginConfig]: providerConfig(),
};
const k3s = {
  argv: ["/usr/local/bin/k3s server"],
  exe: "/var/lib/rancher/k3s/data/abc/bin/k3s",
  version: "k3s version v1.35.2+k3s1 (abcdef12)",
};

describe.skipIf(impossible !== undefined)(
  `doctor finds the kubelet and its config ${impossible ?? ""}`,
  () => {
    test("kubeadm: everything is well, and said so", () => {
      const { report, status, stderr } = doctorOn(kubeadmNode({ args: [image] }));
      expect({ notOk: notOk(report), status, stderr }).toEqual({ notOk: [], status: 0, stderr: "" });
      expect(report.kubelet).toMatchObject({ kind: "kubelet", release: "1.34.4" });
      expect(found(report, "config", "file")).toMatchObject({ subject: pluginConfig });
      expect(found(report, "executable", "file")).toMatchObject({ subject: plugin });
      expect(found(report, "kubelet", "image")?.found).toContain(`(${credentialConfig}, line 7)`);
    });

    test("flags with the value as a word of its own, the last one counting", () => {
      const argv = [
        "kubelet",
        "--image-credential-provider-config=/etc/kubernetes/old.yaml",
        "--image_credential_provider_config",
        credentialConfig,
        "--image-credential-provider-bin-dir",
        binDir,
      ];
      const { report } = doctorOn(withKubelet({ argv }));
      expect(notOk(report)).toEqual([]);
      expect(found(report, "kubelet", "flags")?.found).toStartWith(
        `${credentialConfig}, ${binDir}: in the command line`,
      );
    });

    test("a directory of configs", () => {
      const folder = "/etc/kubernetes/providers";
      const argv = [
        "kubelet",
        `--image-credential-provider-config=${folder}`,
        `--image-credential-provider-bin-dir=${binDir}`,
      ];
      const { report } = doctorOn({
        ...withKubelet({ argv }),
        files: {
          [`${folder}/10-other.json`]: credentialProviderConfig(
            provider({ name: "other", matchImages: ["*.example.com"] }),
          ),
          [`${folder}/20-acr.yaml`]: credentialProviderConfig(provider()),
          [`${folder}/20-acr.yaml.bak`]: "not read",
          [pluginConfig]: providerConfig(),
        },
        before: `ln -s /bin/true ${binDir}/other`,
        args: [image],
      });
      expect(notOk(report)).toEqual([]);
      expect(found(report, "kubelet", "config")?.found).toContain("2 providers");
      expect(found(report, "kubelet", "image")?.found).toContain(`${folder}/20-acr.yaml`);
    });

    test("k3s, whose kubelet is embedded and whose arguments are wiped", () => {
      const { report } = doctorOn({ kubelet: k3s, files: rancherFiles, before: installed, args: [image] });
      expect(notOk(report)).toEqual([]);
      expect(report.kubelet).toMatchObject({ kind: "k3s", release: "1.35.2+k3s1" });
      expect(found(report, "kubelet", "flags")?.found).toContain("the default of k3s");
    });

    test.each([
      [
        "config.yaml",
        { "/etc/rancher/k3s/config.yaml": `image-credential-provider-config: ${credentialConfig}\n` },
        "/etc/rancher/k3s/config.yaml",
      ],
      [
        "a file of config.yaml.d, which comes later",
        {
          "/etc/rancher/k3s/config.yaml": "image-credential-provider-config: /etc/none\n",
          "/etc/rancher/k3s/config.yaml.d/10.yaml": `image-credential-provider-config: ${credentialConfig}\n`,
        },
        "/etc/rancher/k3s/config.yaml.d/10.yaml",
      ],
      [
        "kubelet-arg, also a directory",
        {
          "/etc/rancher/k3s/config.yaml": "kubelet-arg:\n  - v=2\n",
          "/etc/rancher/k3s/config.yaml.d/10.yaml": `kubelet-arg+:\n  - image-credential-provider-config=${credentialConfig}\n`,
        },
        "kubelet-arg in /etc/rancher/k3s/config.yaml.d/10.yaml",
      ],
      [
        "the command line in its unit",
        {
          "/etc/systemd/system/k3s.service": `[Service]\nExecStart=/usr/local/bin/k3s \\\n    server \\\n\t'--image-credential-provider-config' \\\n\t'${credentialConfig}' \\\n\n`,
        },
        "/etc/systemd/system/k3s.service",
      ],
    ] as const)("k3s with another config by %s", (_, files, from) => {
      const other = { ...rancherFiles, [credentialConfig]: credentialProviderConfig(provider()), ...files };
      const { report } = doctorOn({ kubelet: k3s, files: other, before: installed });
      expect(found(report, "kubelet", "config")?.subject).toBe(credentialConfig);
      expect(found(report, "kubelet", "flags")?.found).toContain(from);
    });

    test.each([
      [
        "the config is missing",
        { files: { [pluginConfig]: providerConfig() }, before: installed },
        "config.yaml does not exist",
      ],
      ["the bin directory is missing", { files: rancherFiles }, "bin does not exist"],
      [
        "the config is a directory",
        {
          files: { [`${rancher}/config.yaml/acr.yaml`]: credentialProviderConfig(provider()) },
          before: installed,
        },
        "is a directory, and a file is wanted",
      ],
    ] as const)("k3s starts without providers where %s", (_, node, why) => {
      const { report, status } = doctorOn({ kubelet: k3s, ...node });
      const flags = found(report, "kubelet", "flags");
      expect(flags).toMatchObject({ status: "failed" });
      expect(flags?.found).toContain(why);
      expect(flags?.remedy).toContain(
        `kubelet-config --kubernetes 1.35 > ${rancher}/config.yaml && systemctl restart k3s`,
      );
      expect(status).toBe(1);
    });

    test("RKE2, whose kubelet is a process of its own", () => {
      const argv = [
        "kubelet",
        `--image-credential-provider-bin-dir=${rancher}/bin`,
        `--image-credential-provider-config=${rancher}/config.yaml`,
      ];
      const exe = "/var/lib/rancher/rke2/data/v1.34.4-rke2r1/bin/kubelet";
      const kubelet = { argv, exe, version: "Kubernetes v1.34.4+rke2r1" };
      const { report } = doctorOn({ kubelet, files: rancherFiles, before: installed, args: [image] });
      expect(notOk(report)).toEqual([]);
      expect(report.kubelet).toMatchObject({ kind: "rke2", release: "1.34.4+rke2r1" });
    });

    test.each([
      ["that it does not find", { files: { [pluginConfig]: providerConfig() } }, "bin does not exist"],
      [
        "that came after its start",
        { files: rancherFiles, before: installed },
        "was not there when RKE2 started",
      ],
    ] as const)("RKE2 without providers, because of files %s", (_, node, why) => {
      const kubelet = { argv: ["kubelet"], exe: "/var/lib/rancher/rke2/data/v1.34.4-rke2r1/bin/kubelet" };
      const { report } = doctorOn({ kubelet, ...node });
      expect(found(report, "kubelet", "flags")).toMatchObject({
        status: "failed",
        found: expect.stringContaining(why),
        remedy: expect.stringContaining("systemctl restart --no-block rke2-server"),
      });
    });

    test("MicroK8s, whose flags are in a file with variables and comments", () => {
      const args = "/var/snap/microk8s/100/args/kubelet";
      const { report } = doctorOn({
        kubelet: {
          argv: ["/snap/microk8s/100/kubelite", `--kubelet-args-file=${args}`, "--start-control-plane=true"],
          exe: "/opt/snap/microk8s/100/kubelite",
          env: { SNAP_DATA: "/var/snap/microk8s/100", LD_LIBRARY_PATH: "/snap/microk8s/100/lib" },
        },
        files: {
          "/opt/snap/microk8s/100/meta/snap.yaml": "name: microk8s\nversion: v1.34.1\n",
          [args]: [
            "# --image-credential-provider-config=/etc/none",
            // biome-ignore lint/suspicious/noTemplateCurlyInString: as MicroK8s writes it
            '--image-credential-provider-config="${SNAP_DATA}/acr.yaml" # ours',
            `--image-credential-provider-bin-dir ${binDir}`,
            "",
          ].join("\n"),
          "/var/snap/microk8s/100/acr.yaml": credentialProviderConfig(provider()),
          [pluginConfig]: providerConfig(),
        },
        args: [image],
      });
      expect(report.kubelet).toMatchObject({ kind: "microk8s", release: "1.34.1" });
      expect(found(report, "kubelet", "config")).toMatchObject({
        subject: "/var/snap/microk8s/100/acr.yaml",
        status: "ok",
      });
      expect(notOk(report)).toMatchObject([
        {
          id: "libraries",
          status: "warning",
          subject: "LD_LIBRARY_PATH",
          remedy: expect.stringContaining('env: [{name: LD_LIBRARY_PATH, value: ""}]'),
        },
      ]);
    });

    test("a workstation without a kubelet", () => {
      const { report, status } = doctorOn({});
      expect(found(report, "kubelet", "process")).toMatchObject({ status: "skipped" });
      expect(found(report, "kubelet", "flags")).toMatchObject({ status: "skipped" });
      expect(report.counts.failed).toBe(0);
      expect(status).toBe(0);
    });

    test("a process of another user is not taken for the kubelet", () => {
      const { report } = doctorOn(
        withKubelet({ isShell: true, under: "setpriv --reuid=65534 --clear-groups" }),
      );
      expect(found(report, "kubelet", "process")).toMatchObject({ status: "skipped" });
    });

    test("a kubelet with a network of its own is another node's", () => {
      const { report } = doctorOn(withKubelet({ isShell: true, under: "/usr/bin/unshare -n" }));
      expect(found(report, "kubelet", "process")).toMatchObject({
        status: "skipped",
        found: expect.stringContaining("has a network of its own: run doctor there"),
      });
    });

    test("a kubelet in a chroot is read there, and nothing of it is run or trusted", () => {
      const jail = "/srv/jail";
      const { report } = doctorOn({
        kubelet: {
          argv: ["kubelet", ...kubeletFlags],
          isShell: true,
          under: `/usr/sbin/chroot ${jail}`,
        },
        files: {
          [`${jail}/etc/kubernetes/real.yaml`]: credentialProviderConfig(provider()),
          // An absolute link, which leads elsewhere outside.
          [`${jail}${credentialConfig}`]: { link: "/etc/kubernetes/real.yaml" },
          "/etc/kubernetes/real.yaml": "not this one",
          [`${jail}${pluginConfig}`]: providerConfig(),
          [`${jail}${binDir}/aliyun-acr-credential-provider`]: "#!/bin/sh\ntouch /run/ran\n",
        },
        before: [
          `chmod 0755 ${jail}${binDir}/aliyun-acr-credential-provider`,
          `for top in bin sbin lib lib64 usr proc; do mkdir -p ${jail}/$top; mount --rbind /$top ${jail}/$top; done`,
        ].join("\n"),
        args: [image],
      });
      expect(found(report, "kubelet", "process")).toMatchObject({
        status: "warning",
        remedy: expect.stringContaining("nsenter"),
      });
      expect(found(report, "kubelet", "config")).toMatchObject({ status: "ok", subject: credentialConfig });
      expect(found(report, "config", "content")).toMatchObject({ status: "ok" });
      expect(found(report, "kubelet", "release")?.found).toContain("a file system of its own");
      expect(found(report, "executable", "version")).toMatchObject({ status: "skipped" });
      expect(found(report, "executable", "owners")).toMatchObject({ status: "ok" });
    });

    test("files that are named are judged instead of the running kubelet's", () => {
      const other = "/opt/other.yaml";
      const args = ["--kubelet-config", other, "--bin-dir", binDir, "--kubernetes", "1.33"];
      const { report } = doctorOn(
        kubeadmNode({ files: { [other]: credentialProviderConfig(provider({ nonsense: 1 })) }, args }),
      );
      expect(found(report, "kubelet", "process")).toMatchObject({ status: "skipped" });
      expect(found(report, "kubelet", "config")).toMatchObject({ status: "failed", subject: other });
      expect(report.kubelet).toEqual({ release: "1.33", releaseKnown: true } as never);
    });
  },
);
