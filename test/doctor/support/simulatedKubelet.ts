import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import { Ajv } from "ajv";
import { root } from "../../../scripts/project.ts";
import type { Check } from "../../../src/commands/doctor/check.ts";
import { executable } from "../../support/executable.ts";
import { type FakeKubeletSettings, settingsFile } from "./fakeKubelet.ts";

/** Where the plugin's executable is on a simulated node. */
export const binDir = "/opt/credential-provider/bin";
export const plugin = `${binDir}/aliyun-acr-credential-provider`;
export const credentialConfig = "/etc/kubernetes/credential-provider.yaml";
export const pluginConfig = "/etc/aliyun-acr-credential-provider/config.yaml";

/** A node: its files, the process that is its kubelet, and what an operator has typed. */
export interface DoctorNode {
  /** Content by path, mode 0644; `{ link }` and `{ private }` (mode 0600) too. */
  readonly files?: Readonly<
    Record<string, string | { readonly link: string } | { readonly private: string }>
  >;
  readonly kubelet?: KubeletProcess;
  /** Shell commands before the kubelet starts, and after it. */
  readonly before?: string;
  readonly after?: string;
  readonly args?: readonly string[];
  /** Without `--offline`: the node's own loopback is all the network that there is. */
  readonly online?: boolean;
  /** This machine's network instead of one of its own, and so without `--offline`: for a simulated cloud on loopback. */
  readonly sharesNetwork?: boolean;
  /** Environment of doctor itself. */
  readonly shell?: Readonly<Record<string, string>>;
}

export interface KubeletProcess extends FakeKubeletSettings {
  /** Its name first, as ps shows it. */
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Where its executable is. */
  readonly exe?: string;
  /** Words before it: `chroot DIR`, `prlimit --as=…`. */
  readonly under?: string;
  /** A shell instead of the fake kubelet, which says no release. */
  readonly isShell?: boolean;
}

export interface DoctorReport {
  readonly kubelet: { readonly pid?: number; readonly kind?: string; readonly release: string };
  readonly version: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly checks: readonly Check[];
}

export interface DoctorResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Of `--output json`, which is asked for unless other arguments do; it has passed docs/doctor.schema.json. */
  readonly report: DoctorReport;
}

/** The fake kubelet, where no other place is named. */
const FAKE = "/opt/kubelet";

/** Only below these, and /run, a simulated node may have files of its own. */
const COVERED = ["etc", "var", "opt", "srv"];

/** Why no node can be simulated here, or undefined. */
export const impossible = reasonAgainst();

const schema = JSON.parse(readFileSync(`${root}docs/doctor.schema.json`, "utf8"));
const validate = new Ajv({ strict: false }).compile(schema);

let preparedFolder: string | undefined;

/** What is below /opt on every node: the plugin and the fake kubelet, both root's; made once for the tests of a file. */
function prepared(): string {
  if (preparedFolder !== undefined) return preparedFolder;
  const folder = mkdtempSync(`${tmpdir()}/acr-doctor-prepared-`);
  mkdirSync(`${folder}${binDir.slice("/opt".length)}`, { recursive: true });
  copyFileSync(executable, `${folder}${plugin.slice("/opt".length)}`);
  const source = `${root}test/doctor/support/fakeKubelet.ts`;
  const command = ["build", "--compile", source, "--outfile", `${folder}/kubelet`];
  const { status, stderr } = spawnSync(process.execPath, command, { encoding: "utf8", cwd: root });
  if (status !== 0) throw new Error(stderr);
  chmodSync(folder, 0o755);
  preparedFolder = folder;
  return folder;
}

/** To be called after the tests of a file. */
export function removePrepared(): void {
  if (preparedFolder !== undefined) rmSync(preparedFolder, { recursive: true });
  preparedFolder = undefined;
}

/** Runs doctor on a node of its own: mounts, processes and network that nothing else sees. */
export function doctorOn(node: DoctorNode): DoctorResult {
  const { command, remove } = doctorCommand(node);
  try {
    const [program = "", ...args] = command;
    const { status, stdout, stderr } = spawnSync(program, args, {
      encoding: "utf8",
      env: { PATH: process.env.PATH ?? "" },
      timeout: 50_000,
    });
    const report = stdout.startsWith("{") ? (JSON.parse(stdout) as DoctorReport) : undefined;
    if (report === undefined && !node.args?.includes("--output")) throw new Error(`no report: ${stderr}`);
    if (report !== undefined && !validate(report)) throw new Error(JSON.stringify(validate.errors));
    return { status, stdout, stderr, report: report as DoctorReport };
  } finally {
    remove();
  }
}

/** The command that runs doctor on such a node, and what to call after it. */
export function doctorCommand(node: DoctorNode): { readonly command: string[]; remove(): void } {
  const folder = mkdtempSync(`${tmpdir()}/acr-doctor-`);
  for (const [path, content] of Object.entries(filesOf(node))) writeTo(`${folder}/tree${path}`, content);
  writeFileSync(`${folder}/node.sh`, scriptOf(node, folder));
  const network = node.sharesNetwork === true ? [] : ["-n"];
  const namespaces = "-m -p -f --mount-proc --propagation private --kill-child".split(" ");
  return {
    command: ["unshare", ...namespaces, ...network, "bash", `${folder}/node.sh`],
    remove: () => rmSync(folder, { recursive: true }),
  };
}

function filesOf({ files = {}, kubelet }: DoctorNode): NonNullable<DoctorNode["files"]> {
  if (kubelet === undefined) return files;
  const { version, metrics, readOnlyPort } = kubelet;
  return { ...files, [settingsFile]: JSON.stringify({ version, metrics, readOnlyPort }) };
}

function writeTo(path: string, content: NonNullable<DoctorNode["files"]>[string]): void {
  mkdirSync(dirname(path), { recursive: true });
  if (typeof content === "string") writeFileSync(path, content, { mode: 0o644 });
  else if ("link" in content) symlinkSync(content.link, path);
  else writeFileSync(path, content.private, { mode: 0o600 });
}

/** What is written on the node is kept in memory, and gone with it. */
function scriptOf(
  { kubelet, before = "", after = "", args = [], sharesNetwork = false, shell = {}, ...node }: DoctorNode,
  folder: string,
): string {
  const online = node.online === true || sharesNetwork;
  const asksForFormat = args.includes("--output");
  const words = [
    "doctor",
    ...(asksForFormat ? [] : ["--output", "json"]),
    ...(online ? [] : ["--offline"]),
    ...args,
  ];
  return [
    "set -e",
    "umask 022",
    "mount -t tmpfs node /run",
    `for top in ${COVERED.join(" ")}; do`,
    "  mkdir -p /run/upper/$top /run/work/$top",
    `  lower=/$top; if [ $top = opt ]; then lower=${prepared()}:/opt; fi`,
    "  mount -t overlay node -o lowerdir=$lower,upperdir=/run/upper/$top,workdir=/run/work/$top /$top",
    "done",
    "rm -rf /run/systemd",
    ...(sharesNetwork ? [] : ["ip link set lo up"]),
    `for top in run ${COVERED.join(" ")}; do`,
    `  if [ -d ${folder}/tree/$top ]; then cp -a ${folder}/tree/$top/. /$top/; fi`,
    "done",
    before,
    ...(kubelet === undefined ? [] : startOf(kubelet)),
    after,
    `exec env -i ${assignments({ PATH: "/usr/sbin:/usr/bin:/sbin:/bin", ...shell })} ${executable} ${words.map(word).join(" ")}`,
    "",
  ].join("\n");
}

function startOf({ argv, env = {}, exe = FAKE, under = "", isShell = false }: KubeletProcess): string[] {
  const [name = "", ...args] = argv;
  const program = isShell ? ["/bin/bash", "-c", "sleep 600; :", ...args] : [exe, ...args];
  const exec = `exec -a ${word(name)} ${program.map(word).join(" ")}`;
  return [
    ...(isShell || exe === FAKE
      ? []
      : [`mkdir -p ${dirname(exe)}`, `touch ${exe}`, `mount --bind ${FAKE} ${exe}`]),
    `env -i ${assignments(env)} ${under} /bin/bash -c ${word(exec)} &`,
    "for _ in $(seq 500); do",
    `  if tr '\\0' '\\n' < /proc/$!/cmdline | head -n 1 | grep -qxF -- ${word(name)}; then started=1; break; fi`,
    "  sleep 0.01",
    "done",
    '[ -n "$started" ] || { echo "the kubelet of this test did not start" >&2; exit 99; }',
  ];
}

function assignments(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => word(`${name}=${value}`))
    .join(" ");
}

/** A word for the shell, whatever is in it. */
function word(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function reasonAgainst(): string | undefined {
  if (process.getuid?.() !== 0) return "needs root";
  const commands =
    "mount -t tmpfs t /run && mkdir /run/u /run/w && mount -t overlay o -o lowerdir=/etc,upperdir=/run/u,workdir=/run/w /etc && ip link set lo up";
  const namespaces = "-m -p -f -n --mount-proc --propagation private".split(" ");
  const { status, stderr } = spawnSync("unshare", [...namespaces, "bash", "-c", commands], {
    encoding: "utf8",
  });
  return status === 0 ? undefined : `namespaces or mounts are refused: ${(stderr ?? "").trim()}`;
}
