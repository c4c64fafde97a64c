import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { stringify } from "yaml";
import { root } from "../../../scripts/project.ts";
import { keyA } from "../../cloud/defaultWorld.ts";
import { markedBlocks } from "../../documents/support/markedBlocks.ts";
import { executable } from "../setup/paths.ts";
import { bootNode, type SystemdNode } from "./systemdNode.ts";
import { BIN, NAME } from "./underSystemd.ts";

const UNITS = `${root}node-config/systemd`;
const PREFETCH = `${NAME}-prefetch.service`;
const RENEW = `${NAME}-renew.service`;
const TIMER = `${NAME}-renew.timer`;
const HOST = "registry-vpc.cn-hangzhou.aliyuncs.com";

/** Something that is started as a kubelet is, and notes which tokens are there by then. */
const standIn =
  "[Service]\nExecStart=/bin/sh -c 'ls /run/aliyun-acr-credential-provider >/root/seen; exec sleep infinity'\n";

interface Places {
  readonly endpoints: { readonly acr: string; readonly sts: string; readonly metadata: string };
  readonly caFile: string;
  readonly silent: string;
}

describe.skipIf(!process.env.ACR_TEST_KUBELET)("the units for prefetch, under systemd", () => {
  let node: SystemdNode;
  let cloud: Bun.Subprocess<"pipe", "pipe", "inherit">;
  let places: Places;

  beforeAll(async () => {
    const units = readdirSync(UNITS).map((name) => [
      `/root/node-config/systemd/${name}`,
      readFileSync(`${UNITS}/${name}`, "utf8"),
    ]);
    node = await bootNode({
      ...Object.fromEntries(units),
      "/etc/systemd/system/kubelet.service": standIn,
      [`${BIN}/${NAME}`]: { linkTo: executable },
    });
    const [pid = ""] = /\d+/.exec(node.root) ?? [];
    const command = [process.execPath, "run", `${import.meta.dir}/cloudOnNode.ts`];
    cloud = Bun.spawn(["nsenter", "-t", pid, "-n", ...command], {
      stdin: "pipe",
      stdout: "pipe",
      stderr: "inherit",
    });
    const { value } = await cloud.stdout.getReader().read();
    places = JSON.parse(new TextDecoder().decode(value));
    node.write("/etc/acr-ca.pem", readFileSync(places.caFile, "utf8"));
    await runBlock("docs/prefetch.md", "the units");
  });
  afterAll(async () => {
    cloud.stdin.end();
    await node.stop();
    await cloud.exited;
  });

  beforeEach(async () => {
    await node.run("systemctl", "stop", "kubelet", TIMER);
    await node.run("systemctl", "reset-failed");
    await node.run("sh", "-c", "rm -rf /run/aliyun-acr-credential-provider/* /root/seen");
    await node.run("rm", "-rf", "/etc/default/aliyun-acr-credential-provider");
    await configure({});
  });

  async function configure(native: object): Promise<void> {
    const config = {
      apiVersion: "aliyun-acr-credential-provider/v1",
      kind: "ProviderConfig",
      identity: { source: "accessKey", accessKeyId: keyA.id, accessKeySecret: keyA.secret },
      endpoints: places.endpoints,
      tls: { caFile: "/etc/acr-ca.pem" },
      registries: [{ domains: [HOST], regionId: "cn-hangzhou" }],
      log: { file: "/var/log/acr.log" },
      ...native,
    };
    node.write("/etc/aliyun-acr-credential-provider/config.yaml", stringify(config));
    await node.run("chmod", "600", "/etc/aliyun-acr-credential-provider/config.yaml");
  }

  /** Starts both as at boot: in one transaction, so that the order counts. @returns seconds until the kubelet runs. */
  async function boot(): Promise<number> {
    const started = Date.now();
    await node.run("systemctl", "start", "--no-block", PREFETCH, "kubelet");
    while (!existsSync(`${node.root}/root/seen`)) {
      if (Date.now() - started > 60_000) throw new Error("the kubelet does not start");
      await Bun.sleep(100);
    }
    expect((await node.run("systemctl", "is-active", "kubelet")).stdout).toBe("active\n");
    return (Date.now() - started) / 1000;
  }

  /** Runs a block of a document as root, where `node-config` is. */
  async function runBlock(document: string, name: string): Promise<void> {
    const block = markedBlocks(`${root}${document}`).find(
      ({ where, what }) => where === "run as root" && what === name,
    );
    const script = block?.lines.join("\n") ?? "exit 1";
    expect(await node.run("sh", "-ec", `cd /root\n${script}`)).toMatchObject({ status: 0 });
  }

  const resultOf = async (unit: string) =>
    (await node.run("systemctl", "show", "--value", "-p", "Result", unit)).stdout.trim();
  const said = async (unit: string) => (await node.run("journalctl", "-o", "cat", "-u", unit)).stdout;

  test("the tokens are there when the kubelet starts, private, and stay after the unit has ended", async () => {
    await boot();
    expect(node.read("/root/seen")).toContain("token-");
    expect(await resultOf(PREFETCH)).toBe("success");
    expect(await said(PREFETCH)).toContain(`${HOST}: fresh token, 35 min left`);
    const { stdout } = await node.run("sh", "-c", "stat -c '%a %U' /run/aliyun-acr-credential-provider");
    expect(stdout).toBe("700 root\n");
    expect(node.read("/var/log/acr.log")).toContain('"outcome":"credentials"');
  });

  test("a registry that refuses fails the unit, and not the kubelet", async () => {
    await configure({
      identity: { source: "accessKey", accessKeyId: "LTAIunknown", accessKeySecret: "none" },
    });
    expect(await boot()).toBeLessThan(10);
    expect(await resultOf(PREFETCH)).toBe("exit-code");
  });

  test("an API that never answers holds the kubelet for 30 s at most", async () => {
    const registries = Array.from({ length: 9 }, (_, index) => ({
      instanceId: `cri-${index}`,
      regionId: "cn-hangzhou",
      domains: [`${index}.example.com`],
    }));
    await configure({ registries, endpoints: { ...places.endpoints, acr: places.silent } });
    const seconds = await boot();
    expect(seconds).toBeGreaterThan(25);
    expect(seconds).toBeLessThan(35);
    expect(await resultOf(PREFETCH)).toBe("timeout");
  });

  test("without registries it takes the hosts of its environment file; without an executable it is skipped", async () => {
    await configure({ registries: [] });
    node.write("/etc/default/aliyun-acr-credential-provider", `PREFETCH="${HOST} ${HOST}/apps/web:1"\n`);
    await boot();
    expect(await resultOf(PREFETCH)).toBe("success");
    expect(node.read("/root/seen")).toContain("token-");
    await node.run("mv", `${BIN}/${NAME}`, "/root/moved");
    expect(await node.run("systemctl", "start", PREFETCH, RENEW)).toMatchObject({ status: 0 });
    await node.run("mv", "/root/moved", `${BIN}/${NAME}`);
  });

  test("the timer renews what the node has, and nothing where it has nothing", async () => {
    expect(await node.run("systemctl", "start", RENEW)).toMatchObject({ status: 0, stderr: "" });
    expect(await said(RENEW)).toContain("no token is kept");
    await boot();
    const often = "[Timer]\nOnCalendar=\nOnCalendar=*:*:0/2\nRandomizedDelaySec=0\n";
    node.write(`/etc/systemd/system/${TIMER}.d/often.conf`, often);
    await node.run("systemctl", "daemon-reload");
    await node.run("systemctl", "start", TIMER);
    await Bun.sleep(5000);
    expect(await resultOf(RENEW)).toBe("success");
    expect(await said(RENEW)).toContain(`${HOST}: fresh token, 35 min left`);
    await node.run("systemctl", "stop", TIMER);
    await node.run("rm", "-r", `/etc/systemd/system/${TIMER}.d`);
    await node.run("systemctl", "daemon-reload");
  });

  test("as it is shipped, the timer is due within ten minutes, at the same moment of each period", async () => {
    const due = async () => {
      await node.run("systemctl", "restart", TIMER);
      const shown = await node.run("systemctl", "show", "--value", "-p", "NextElapseUSecRealtime", TIMER);
      return Date.parse(shown.stdout.trim().replace(/^\w+ (\S+) (\S+) UTC$/, "$1T$2Z")) / 1000;
    };
    const [first, second] = [await due(), await due()];
    expect(first - Date.now() / 1000).toBeLessThan(600);
    expect((second - first) % 300).toBe(0);
  });

  test("taken away by what docs/install.md says, nothing of them is left", async () => {
    await runBlock("docs/install.md", "removing the units");
    const { stdout } = await node.run("systemctl", "list-unit-files", "--no-legend", `${NAME}*`);
    expect(stdout).toBe("");
    expect((await node.run("find", "/etc/systemd", "-name", `${NAME}*`)).stdout).toBe("");
  });
});
