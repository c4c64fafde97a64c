import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { root } from "../../../scripts/project.ts";
import { startContainerd } from "../../kubelet/node/containerd.ts";
import { cgroupVariable } from "../../kubelet/node/enclosure.ts";
import { prepareNamespaces, run, state } from "../../kubelet/node/inside.ts";
import type { Service } from "../../kubelet/node/service.ts";
import { image, isEnabled } from "../setup/paths.ts";

const { name, version } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
const plugin = `/usr/bin/${name}`;

describe.skipIf(!isEnabled || !process.env[cgroupVariable])("the image, run by containerd", () => {
  let containerd: Service;
  let reference: string;

  beforeAll(async () => {
    prepareNamespaces({ hosts: {} });
    const certificates = `${state}/none.pem`;
    writeFileSync(certificates, "");
    containerd = await startContainerd("none", certificates);
    run("ctr", "images", "import", "--base-name", "registry.example/tools/plugin", `${image}.tar`);
    [reference = ""] = run("ctr", "images", "list", "--quiet").split("\n");
    expect(reference).toBe(`registry.example/tools/plugin:${version}`);
  }, 60_000);
  afterAll(() => containerd?.stop());

  test("has both platforms", () => {
    expect(run("ctr", "images", "list")).toContain("linux/amd64,linux/arm64");
  });

  test("runs the plugin, from a read-only root", () => {
    expect(inContainer([plugin, "version"])).toBe(`${name} ${version}\n`);
  });

  test("runs what is on the node by its chroot, and finds the node's files by --root", () => {
    const host = ["--mount", "type=bind,src=/,dst=/host,options=rbind:ro"];
    expect(inContainer(["/usr/sbin/chroot", "/host", "id", "-u"], host)).toBe("0\n");
    const node = inContainer([plugin, "node", "status", "--root", "/host", "--profile", "files"], host);
    expect(node).toContain("installed: no, wired: no, running: no");
  });

  test("rests by its sleep", () => {
    expect(inContainer(["/bin/sleep", "0.1"])).toBe("");
  });

  let count = 0;
  /** What it prints; the container has no network and no environment but the image's. */
  function inContainer(command: string[], options: string[] = []): string {
    return run("ctr", "run", "--rm", "--read-only", ...options, reference, `run-${++count}`, ...command);
  }
});
