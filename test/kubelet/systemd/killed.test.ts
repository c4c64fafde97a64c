import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { arm, type Killing } from "../../install/support/killedRun.ts";
import { releases } from "../setup/releases.ts";
import { kubeadmNode } from "./nodeFiles.ts";
import { ACR, bootNode, type Ran, type Running, type SystemdNode } from "./systemdNode.ts";
import { BIN, CONFIG, NAME } from "./underSystemd.ts";

/** On each of two nodes with each release, all at once: most of a run is waiting. */
const KILLS = 52;
const NODES = releases.flatMap((release) => [release, release]);
type Command = "install" | "uninstall";

describe.skipIf(!process.env.ACR_TEST_KUBELET)("node install killed under systemd", () => {
  let nodes: readonly SystemdNode[] = [];
  beforeAll(async () => {
    nodes = await Promise.all(NODES.map((release) => bootNode(kubeadmNode(release))));
    for (const node of nodes) expect(await node.survivesRestart("kubelet")).toBe(true);
  }, 180_000);
  afterAll(() => Promise.all(nodes.map((node) => node.stop())));

  test(`${KILLS} times on each of ${NODES.length} nodes, and each time the kubelet starts; a repeated run finishes`, async () => {
    const walks = await Promise.all(nodes.map((node, index) => walk(node, index)));
    for (const { finished } of walks)
      expect(Math.min(finished.install, finished.uninstall)).toBeGreaterThan(3);
    const met = (command: Command) => [...new Set(walks.flatMap((each) => each.met[command]))];
    expect(met("install")).toEqual(expect.arrayContaining([...installing]));
    expect(met("uninstall")).toEqual(expect.arrayContaining([...uninstalling]));
  }, 900_000);
});

/** Kills runs one after another on one node; every fourth is repeated until it has finished, and then comes the other command. */
async function walk(node: SystemdNode, index: number) {
  let command: Command = "install";
  const finished = { install: 0, uninstall: 0 };
  const met: Record<Command, string[]> = { install: [], uninstall: [] };
  const tookMs = { install: 2000, uninstall: 2000 };
  for (let run = 0, kills = 0; kills < KILLS; run++) {
    const killing = killingOf(run + index * KILLS, node, tookMs[command]);
    const killed = await killedRun(node, command, killing);
    const about = { index, run, command, killing, left: filesOf(node) };
    const isKilled = killed.status === 137;
    if (isKilled) {
      kills++;
      met[command].push(about.left);
    } else
      expect({ about, status: killed.status, stderr: killed.stderr }).toEqual({
        about,
        status: 0,
        stderr: "",
      });
    expect({ about, starts: await node.survivesRestart("kubelet") }).toEqual({ about, starts: true });
    if (isKilled && run % 4 !== 3) continue;
    const started = Date.now();
    const { status, stderr } = await node.acr("node", command);
    tookMs[command] = Date.now() - started;
    expect({ about, status, stderr }).toEqual({ about, status: 0, stderr: "" });
    const state = JSON.parse((await node.acr("node", "status", "--output", "json")).stdout);
    const isThere: boolean = command === "install";
    expect(state).toMatchObject({ isUnfinished: false, isInstalled: isThere, isRunning: isThere });
    finished[command]++;
    command = isThere ? "uninstall" : "install";
  }
  return { finished, met };
}

async function killedRun(node: SystemdNode, command: Command, killing: Killing): Promise<Ran> {
  let running: Running | undefined;
  // First: what is watched may be gone once it runs.
  const disarm = arm(killing, () => running?.kill());
  running = node.start(ACR, "node", command);
  const ran = await running.ended;
  disarm();
  return ran;
}

const RECORD = "/var/lib/aliyun-acr-credential-provider";
const FLAGS = "/etc/default/kubelet";
const folders = ["/run", "/usr/local/lib", BIN, "/etc/kubernetes", "/etc/default", "/var/lib", RECORD];

/** Half of them by time, from the beginning into the waiting for the kubelet; half after one change more each time. */
function killingOf(run: number, { root }: SystemdNode, tookMs: number): Killing {
  return run % 2 === 0
    ? { afterMs: 20 + ((run * 0.037) % 1) * tookMs }
    : { afterEvents: 1 + ((run >> 1) % 18), folders: folders.map((folder) => root + folder) };
}

/** The states of the files that a run is in for longer than the moment of a rename. */
const installing = [
  "",
  "unproven record",
  "unproven record, executable",
  "unproven record, executable, config, flags",
];
const uninstalling = ["record, executable, config, flags", "unproven record, executable"];

/** What of it is there. */
function filesOf({ root }: SystemdNode): string {
  const record = `${root}${RECORD}/node.json`;
  const isUnproven = existsSync(record) && readFileSync(record, "utf8").includes(`"unproven"`);
  return [
    existsSync(record) && (isUnproven ? "unproven record" : "record"),
    existsSync(`${root}${BIN}/${NAME}`) && "executable",
    existsSync(root + CONFIG) && "config",
    readFileSync(root + FLAGS, "utf8").includes("image-credential-provider") && "flags",
  ]
    .filter(Boolean)
    .join(", ");
}
