import { expect, test } from "bun:test";
import { readdirSync, statSync } from "node:fs";
import { executable } from "../../support/executable.ts";
import { describeAsRoot } from "../support/asRoot.ts";
import { type Killing, killedRun } from "../support/killedRun.ts";
import { debNode, k3sNode, type NodeTree, nodeTree, otherProvider } from "../support/nodeTree.ts";
import { type FlagsOf, flagsIn, flagsOfK3s, whyNotStart } from "../support/wouldStart.ts";

const NAME = "aliyun-acr-credential-provider";
const BIN = "/usr/local/lib/credential-providers";
const oldVersion = "#!/bin/sh\nexit 1\n";
const sizes = { [NAME]: [statSync(executable).size, oldVersion.length] };

/** So many runs are killed for each node. */
const KILLS = 70;

interface Scenario {
  readonly about: string;
  readonly files: Readonly<Record<string, string>>;
  readonly executables?: Readonly<Record<string, string>>;
  readonly flagsOf: FlagsOf;
  readonly args: readonly string[];
  /** Folders that are changed, besides those of the record. */
  readonly folders: readonly string[];
}

const flags = `--image-credential-provider-bin-dir=${BIN} --image-credential-provider-config=/etc/kubernetes/cp.yaml`;
const scenarios: readonly Scenario[] = [
  {
    about: "a node without any provider",
    files: { ...debNode, "/etc/kubernetes/x": "" },
    flagsOf: flagsIn("/etc/default/kubelet"),
    args: [],
    folders: ["/etc/default", "/etc/kubernetes", BIN],
  },
  {
    about: "beside another provider in its file, over an older version",
    files: {
      ...debNode,
      "/etc/default/kubelet": `KUBELET_EXTRA_ARGS="${flags}"\n`,
      "/etc/kubernetes/cp.yaml": otherProvider,
    },
    executables: { [`${BIN}/ecr-credential-provider`]: "#!/bin/sh\n", [`${BIN}/${NAME}`]: oldVersion },
    flagsOf: flagsIn("/etc/default/kubelet"),
    args: [],
    folders: ["/etc/kubernetes", BIN],
  },
  {
    about: "k3s, which needs no flags",
    files: k3sNode,
    flagsOf: flagsOfK3s,
    args: [],
    folders: ["/var/lib/rancher/credentialprovider", "/var/lib/rancher/credentialprovider/bin"],
  },
];

describeAsRoot(
  "killed at any moment, a node is left whose kubelet starts, and a repeated run finishes",
  () => {
    test.each(scenarios.map((scenario) => [scenario.about, scenario] as const))(
      "%s",
      async (_about, { files, executables = {}, flagsOf, args, folders }) => {
        const tree = nodeTree(files);
        for (const [path, text] of Object.entries(executables)) tree.write(path, text, 0o755);
        const walk = { kills: 0, finished: { install: 0, uninstall: 0 } };
        let command: "install" | "uninstall" = "install";
        for (let run = 0; walk.kills < KILLS; run++) {
          const killing = killingOf(
            run,
            [...folders, "/var/lib/aliyun-acr-credential-provider", "/run"].map((each) => tree.root + each),
          );
          const { ended, status, stderr } = await killedRun(
            ["node", command, "--root", tree.root, ...args],
            killing,
          );
          expect({ run, killing, why: await whyNotStart(tree, flagsOf, sizes) }).toEqual({
            run,
            killing,
            why: undefined,
          });
          if (!ended) {
            walk.kills++;
            // Else a run that is always killed at its beginning would never finish.
            if (run % 4 !== 3) continue;
            expect(await tree.node(command)).toMatchObject({ status: 0, stderr: "" });
          } else expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
          expect(await whyNotStart(tree, flagsOf, sizes)).toBeUndefined();
          checkEnd(tree, command, flagsOf);
          walk.finished[command]++;
          command = command === "install" ? "uninstall" : "install";
        }
        expect(Math.min(walk.finished.install, walk.finished.uninstall)).toBeGreaterThan(5);
        tree.remove();
      },
      600_000,
    );
  },
);

/** Half of them by time, spread over a whole run, half after one event more each time. */
function killingOf(run: number, folders: readonly string[]): Killing {
  return run % 2 === 0
    ? { afterMs: 20 + ((run * 37) % 400) }
    : { afterEvents: 1 + ((run >> 1) % 18), folders };
}

/** Nothing that is half done is left, neither beside the files nor in the record. */
function checkEnd(tree: NodeTree, command: "install" | "uninstall", flagsOf: FlagsOf): void {
  const left = readdirSync(tree.root, { recursive: true }).filter((name) =>
    /aliyun-acr\.(tmp|previous)/.test(String(name)),
  );
  expect(left).toEqual([]);
  const record = "/var/lib/aliyun-acr-credential-provider/node.json";
  expect(tree.has(record)).toBe(command === "install");
  const { config, binDir } = flagsOf(tree);
  if (command === "install") {
    expect(JSON.parse(tree.read(record)).unproven).toBeUndefined();
    expect(tree.read(config ?? "")).toContain(`name: ${NAME}`);
    expect(statSync(`${tree.root}${binDir}/${NAME}`).size).toBe(statSync(executable).size);
  } else if (config !== undefined) expect(tree.read(config)).not.toContain(NAME);
}
