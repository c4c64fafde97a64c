import { existsSync } from "node:fs";
import { cgroupFolders } from "../node/enclosure.ts";

/** What of these tests cannot run on this machine, and why; nothing when all can. */
export interface Missing {
  /** Without it nothing of Kubernetes can be built. */
  readonly go?: string;
  readonly wholeNode?: string;
  /** Clients of registries need all that the whole node needs, and this. */
  readonly clients?: string;
}

/** What the newest of the releases needs. */
const wantedGo = [1, 26] as const;

/** Command to Debian package, for what the whole node is made of. */
const nodePackages: Readonly<Record<string, string>> = {
  containerd: "containerd",
  ctr: "containerd",
  runc: "runc",
  "docker-registry": "docker-registry",
  ip: "iproute2",
  unshare: "util-linux",
  setpriv: "util-linux",
  mount: "mount",
  tar: "tar",
};

/** The same for what only the clients of registries need. */
const clientPackages: Readonly<Record<string, string>> = { skopeo: "skopeo" };

/** Looks at the machine, and installs what is missing where that can be done. */
export function prepareMachine(): Missing {
  const go = goMissing();
  if (go) return { go };
  if (process.platform !== "linux") return { wholeNode: "a kubelet needs Linux" };
  if (process.getuid?.() !== 0) return { wholeNode: "the kubelet and containerd need root" };

  installMissing({ ...nodePackages, ...clientPackages });
  const absent = missingOf(nodePackages);
  if (absent.length > 0) return { wholeNode: `missing commands: ${absent.join(", ")}` };
  const refused = refusedByTheSystem();
  if (refused) return { wholeNode: refused };
  const absentClients = missingOf(clientPackages);
  return absentClients.length > 0 ? { clients: `missing commands: ${absentClients.join(", ")}` } : {};
}

/** Why nothing can be built with Go here, if so. */
export function goMissing(): string | undefined {
  const wanted = `Go ${wantedGo.join(".")} or newer builds the kubelet`;
  if (!Bun.which("go")) return `Go is missing; ${wanted}`;
  const version = Bun.spawnSync(["go", "env", "GOVERSION"]).stdout.toString().trim();
  const [major = 0, minor = 0] = version.replace("go", "").split(".").map(Number);
  const newEnough = major > wantedGo[0] || (major === wantedGo[0] && minor >= wantedGo[1]);
  return newEnough ? undefined : `${version} is too old; ${wanted}`;
}

/** Those commands of the table (command to Debian package) that are not there; what is not a command stands there by its path. */
export const missingOf = (packages: Readonly<Record<string, string>>) =>
  Object.keys(packages).filter((name) => (name.startsWith("/") ? !existsSync(name) : !which(name)));

/** Debian keeps some of these where only root's PATH looks. */
const which = (command: string) => Bun.which(command, { PATH: `${process.env.PATH}:/usr/sbin:/sbin` });

/** Installs the packages of those commands that are not there, where apt-get can. */
export function installMissing(wanted: Readonly<Record<string, string>>): void {
  const packages = [...new Set(missingOf(wanted).map((command) => wanted[command] ?? command))];
  if (packages.length === 0 || !Bun.which("apt-get")) return;
  console.log(`installing ${packages.join(" ")} with apt-get`);
  const install = () => apt("install", "--no-install-recommends", ...packages);
  if (!install() && apt("update")) install();
}

function apt(...args: string[]): boolean {
  const command = ["apt-get", "-qq", "-y", ...args];
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  return Bun.spawnSync(command, { env, stdio: ["ignore", "ignore", "inherit"] }).exitCode === 0;
}

/** Root in a container may be less than root. @returns what is refused, if so. */
export function refusedByTheSystem(): string | undefined {
  const namespaces = "unshare --net --mount --pid --ipc --uts --fork --mount-proc".split(" ");
  const commands = "ip link set lo up && mount -t tmpfs test /run && mount --bind /run /mnt";
  const tried = Bun.spawnSync([...namespaces, "sh", "-c", commands]);
  if (tried.exitCode !== 0)
    return `namespaces and mounts are refused here: ${tried.stderr.toString().trim()}`;
  const closed = cgroupFolders("").filter((folder) => Bun.spawnSync(["test", "-w", folder]).exitCode !== 0);
  return closed.length > 0 ? `control groups cannot be written: ${closed.join(", ")}` : undefined;
}
