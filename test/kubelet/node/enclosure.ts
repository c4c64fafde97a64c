import { existsSync, readdirSync, rmdirSync } from "node:fs";

/**
 * The kubelet, the container runtime and the registries of the whole-node tests live in network,
 * mount, PID, IPC and UTS namespaces of their own. The kernel takes all of it down (processes,
 * mounts, addresses, and every file, since state is kept in a tmpfs) when the first process in
 * there ends or is killed; control groups are the one thing that outlives it.
 */
export interface Enclosure {
  /** The control group under which the kubelet makes all of its own. */
  readonly cgroup: string;
  readonly process: Bun.Subprocess<"ignore", "inherit" | "pipe", "inherit">;
  /** Waits for the end, however it came, and removes the control groups. */
  ended(): Promise<number>;
}

/** How the processes in there learn of their control group; being set says that this is an enclosure. */
export const cgroupVariable = "ACR_TEST_NODE_CGROUP";

const prefix = "acr-test-";
let enclosures = 0;
const namespaces = "--mount --pid --ipc --uts --fork --kill-child --mount-proc".split(" ");

export interface EnclosureOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly stdout?: "inherit" | "pipe";
  /** `shared`: an enclosure in this one, on the same network. */
  readonly network?: "own" | "shared";
}

export function enclose(
  command: string[],
  { env = process.env, stdout = "inherit", network = "own" }: EnclosureOptions = {},
): Enclosure {
  const cgroup = `${prefix}${process.pid}-${Date.now()}-${++enclosures}`;
  const child = Bun.spawn(
    // Dies with whoever started it, and takes the namespaces along.
    [
      ...["setpriv", "--pdeathsig", "KILL", "unshare", ...(network === "own" ? ["--net"] : [])],
      ...[...namespaces, ...command],
    ],
    { env: { ...env, [cgroupVariable]: cgroup }, stdio: ["ignore", stdout, "inherit"] },
  );
  return {
    cgroup,
    process: child,
    async ended() {
      const status = await child.exited;
      await removeCgroups(cgroup);
      return status;
    },
  };
}

/** Every place where a control group of this name is or would be: one, or with cgroup v1 one a controller. */
export function cgroupFolders(name: string): string[] {
  const top = "/sys/fs/cgroup";
  if (existsSync(`${top}/cgroup.controllers`)) return [`${top}/${name}`];
  return readdirSync(top).map((controller) => `${top}/${controller}/${name}`);
}

/** Removes what is left of enclosures whose starters were killed before they could. */
export async function removeAbandonedCgroups(): Promise<void> {
  const names = cgroupFolders("").flatMap((folder) =>
    readdirSync(folder).filter((name) => name.startsWith(prefix)),
  );
  for (const name of new Set(names)) {
    const [starter] = name.slice(prefix.length).split("-");
    if (!existsSync(`/proc/${starter}`)) await removeCgroups(name);
  }
}

/** Removes a control group and what is below it. Killed processes take a moment to leave theirs. */
export async function removeCgroups(name: string): Promise<void> {
  const deadline = Date.now() + 15_000;
  for (const folder of cgroupFolders(name)) {
    while (existsSync(folder)) {
      try {
        removeTree(folder);
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await Bun.sleep(100);
      }
    }
  }
}

function removeTree(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(`${folder}/${entry.name}`);
  }
  rmdirSync(folder);
}
