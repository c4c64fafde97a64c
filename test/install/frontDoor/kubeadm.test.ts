import { expect, test } from "bun:test";
import { copyFileSync, lstatSync, mkdirSync, symlinkSync } from "node:fs";
import { executable } from "../../support/executable.ts";
import { describeAsRoot } from "../support/asRoot.ts";
import { debNode, kubeadmFlags, otherProvider, rpmNode } from "../support/nodeTree.ts";
import {
  BIN,
  CONFIG,
  comesAndGoes,
  done,
  FLAGS,
  NAME,
  names,
  refused,
  removeTrees,
  tree,
  useTree,
} from "../support/onTree.ts";

removeTrees();

describeAsRoot("kubeadm", () => {
  test.each([
    ["deb", debNode, "/etc/default/kubelet"],
    ["rpm", rpmNode, "/etc/sysconfig/kubelet"],
  ])("a node of the official %s: comes and goes without a trace", async (_name, files, environmentFile) => {
    useTree(files);
    await comesAndGoes("kubeadm", BIN, CONFIG);
    await done("install");
    expect(tree.read(environmentFile)).toBe(`KUBELET_EXTRA_ARGS="${FLAGS}"\n`);
    if (environmentFile === "/etc/default/kubelet")
      expect(tree.read(kubeadmFlags)).toBe(debNode[kubeadmFlags] ?? "");
  });

  test("an environment file that does not exist yet is made, and removed", async () => {
    const { "/etc/sysconfig/kubelet": _, ...files } = rpmNode;
    useTree({ ...files, "/etc/sysconfig/other": "A=1\n" });
    await comesAndGoes("kubeadm", BIN, CONFIG);
  });

  test("what the operator has in the variable stays, and counts", async () => {
    const own =
      "# mine\nKUBELET_EXTRA_ARGS=--old\nKUBELET_EXTRA_ARGS=\"--node-labels='a=b c' \\\n  --v=2\"\nX=1\n";
    useTree({ ...debNode, "/etc/default/kubelet": own });
    await done("install");
    const flags = `--node-labels='a=b c'   --v=2`;
    expect(tree.read("/etc/default/kubelet")).toBe(
      `# mine\nKUBELET_EXTRA_ARGS=--old\nKUBELET_EXTRA_ARGS="${flags} ${FLAGS}"\nX=1\n`,
    );
    await done("uninstall");
    expect(tree.read("/etc/default/kubelet")).toContain(`KUBELET_EXTRA_ARGS="${flags}"\n`);
  });

  test("flags that are set already lead to where it goes: beside another provider, in its file", async () => {
    const flags =
      "--image-credential-provider-config=/etc/cp.yaml --image-credential-provider-bin-dir /opt/cp";
    useTree({
      ...debNode,
      [kubeadmFlags]: `KUBELET_KUBEADM_ARGS="${flags}"\n`,
      "/etc/cp.yaml": otherProvider,
    });
    tree.write("/opt/cp/ecr-credential-provider", "#!/bin/sh\n", 0o755);
    await comesAndGoes("kubeadm", "/opt/cp", "/etc/cp.yaml");
    await done("install");
    expect(names("/etc/cp.yaml")).toEqual(["ecr-credential-provider", NAME]);
    expect(tree.read("/etc/default/kubelet")).toBe("KUBELET_EXTRA_ARGS=\n");
    expect(await refused("install", "--bin-dir", "/elsewhere")).toContain("is led to /opt/cp");
  });

  test("one flag of two is completed", async () => {
    useTree({
      ...debNode,
      "/etc/default/kubelet": "KUBELET_EXTRA_ARGS=--image-credential-provider-bin-dir=/opt/cp\n",
    });
    await done("install");
    expect(tree.read("/etc/default/kubelet")).toBe(
      `KUBELET_EXTRA_ARGS="--image-credential-provider-bin-dir=/opt/cp --image-credential-provider-config=${CONFIG}"\n`,
    );
    expect(tree.has(`/opt/cp/${NAME}`)).toBe(true);
  });

  test("a directory: a file of its own beside the others", async () => {
    useTree({ ...debNode, "/etc/cp/a.yaml": otherProvider });
    tree.write(`${BIN}/ecr-credential-provider`, "#!/bin/sh\n", 0o755);
    const before = tree.state();
    await done("install", "--kubelet-config", "/etc/cp");
    expect(names(`/etc/cp/${NAME}.yaml`)).toEqual([NAME]);
    expect(tree.read("/etc/cp/a.yaml")).toBe(otherProvider);
    await done("uninstall");
    // Flags of others' providers stay.
    const left = `KUBELET_EXTRA_ARGS="--image-credential-provider-bin-dir=${BIN} --image-credential-provider-config=/etc/cp"\n`;
    expect(tree.state()).toEqual({ ...before, "/etc/default/kubelet": `644 ${left}` });
  });

  test("a directory for a kubelet that reads files only is refused", async () => {
    useTree({ ...debNode, "/etc/cp/a.yaml": otherProvider });
    expect(await refused("install", "--kubelet-config", "/etc/cp", "--kubernetes", "1.33")).toContain(
      "reads a single file",
    );
  });

  test("a file that is led to by a link is changed where it is", async () => {
    useTree({ ...debNode, "/srv/cp.yaml": otherProvider });
    tree.write(`${BIN}/ecr-credential-provider`, "#!/bin/sh\n", 0o755);
    tree.write("/etc/kubernetes/x", "");
    symlinkSync("/srv/cp.yaml", `${tree.root}${CONFIG}`);
    await done("install");
    expect(tree.state()[CONFIG]).toBe("-> /srv/cp.yaml");
    expect(names("/srv/cp.yaml")).toEqual(["ecr-credential-provider", NAME]);
  });

  test("an executable that a package put there, or linked there, is left where it was", async () => {
    useTree(debNode);
    tree.write(`/usr/bin/${NAME}`, "", 0o755);
    copyFileSync(executable, `${tree.root}/usr/bin/${NAME}`);
    mkdirSync(tree.root + BIN);
    symlinkSync(`/usr/bin/${NAME}`, `${tree.root}${BIN}/${NAME}`);
    const before = tree.state();
    expect(await done("install")).toContain(`executable: ${BIN}/${NAME}: unchanged\n`);
    expect(await done("uninstall")).toContain("left, because it was there before");
    expect(tree.state()).toEqual(before);
  });

  test("a link to another version is replaced, and what it leads to is not touched", async () => {
    useTree(debNode);
    tree.write(`/usr/bin/${NAME}`, "#!/bin/sh\n", 0o755);
    mkdirSync(tree.root + BIN);
    symlinkSync(`/usr/bin/${NAME}`, `${tree.root}${BIN}/${NAME}`);
    await done("install");
    expect(tree.read(`/usr/bin/${NAME}`)).toBe("#!/bin/sh\n");
    expect(lstatSync(`${tree.root}${BIN}/${NAME}`).isFile()).toBe(true);
  });

  test("a folder that nothing can be run from: all is as it was before", async () => {
    useTree(debNode);
    mkdirSync(`${tree.root}/opt/bin`, { recursive: true });
    const before = tree.state();
    const mounts = `mount -t tmpfs -o noexec,size=300m x ${tree.root}/opt/bin`;
    const command = `${mounts} && ${executable} node install --root ${tree.root} --bin-dir /opt/bin; status=$?; ls -A ${tree.root}/opt/bin; exit $status`;
    const { exitCode, stdout, stderr } = Bun.spawnSync(["unshare", "--mount", "sh", "-c", command]);
    expect({ exitCode, left: stdout.toString() }).toEqual({ exitCode: 1, left: "" });
    expect(stderr.toString()).toContain("it cannot be run there");
    expect(tree.state()).toEqual(before);
  });
});
