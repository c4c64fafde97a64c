import { Unreadable } from "../../../../kubelet/credentialProviderConfig/kubeletFiles.ts";
import {
  BIN_DIR_FLAG,
  CONFIG_FLAG,
  RANCHER_BIN_DIR,
  RANCHER_CONFIG,
} from "../../../../kubelet/running/credentialFlags.ts";
import {
  assignmentIn,
  type UnitEnvironment,
  unitEnvironment,
} from "../../../../kubelet/running/unitEnvironment.ts";
import type { Check } from "../../check.ts";
import type { JudgedConfig } from "../../judgedConfig.ts";
import { checksOf } from "../../makeCheck.ts";
import type { ObservedNode } from "../../observedNode.ts";
import { printingCommand } from "./printingCommand.ts";
import { restartOf } from "./restart.ts";

const check = checksOf("kubelet");

const VARIABLE = "KUBELET_EXTRA_ARGS";
/** As node-config has them. */
const USUAL_CONFIG = "/etc/kubernetes/credential-provider.yaml";
const USUAL_FLAGS = `--${CONFIG_FLAG}=${USUAL_CONFIG} --${BIN_DIR_FLAG}=/usr/local/lib/credential-providers`;
/** What the packages of Debian and of Red Hat read. */
const DEFAULT_FILE = "/etc/default/kubelet (Debian) or /etc/sysconfig/kubelet (Red Hat)";

/** The two flags by which the kubelet has credential providers, and where they come from. */
export async function* flagChecks(node: ObservedNode, judged: JudgedConfig): AsyncIterable<Check> {
  const unit = node.kubelet?.kind === "kubelet" ? await unitEnvironment() : undefined;
  yield flagCheck(node, unit, judged);
  if (unit !== undefined) yield variableCheck(unit);
  const { binDir } = node.flags;
  if (binDir !== undefined) yield binDirCheck(node, binDir.value);
}

function flagCheck(node: ObservedNode, unit: UnitEnvironment | undefined, judged: JudgedConfig): Check {
  const { flags, kubelet } = node;
  const { config, binDir, notPassed } = flags;
  const found = check("flags", `--${CONFIG_FLAG}, --${BIN_DIR_FLAG}`);
  if (config !== undefined && binDir !== undefined) {
    const from =
      config.from === binDir.from ? `in ${config.from}` : `in ${config.from} and in ${binDir.from}`;
    return found.ok(
      kubelet === undefined
        ? `${config.value}, ${binDir.value}`
        : `${config.value}, ${binDir.value}: ${from}`,
    );
  }
  if (kubelet === undefined) {
    if (config === undefined)
      return found.skipped("no kubelet runs here, and --kubelet-config names no file");
    return found.skipped("--bin-dir was not given, so that the executables are not looked at");
  }
  if (config === undefined && binDir === undefined) {
    const why = notPassed === undefined ? "" : `: ${notPassed}`;
    return found.failed(
      `the kubelet was started without them, and never runs a provider${why}`,
      howToSet(node, unit, judged),
    );
  }
  const missing = config === undefined ? CONFIG_FLAG : BIN_DIR_FLAG;
  return found.failed(
    `--${missing} is missing: the kubelet needs both, or ends at its next start`,
    howToSet(node, unit, judged),
  );
}

function howToSet(node: ObservedNode, unit: UnitEnvironment | undefined, judged: JudgedConfig): string {
  const { kubelet } = node;
  const restart = restartOf(kubelet);
  const print = printingCommand(node, judged);
  switch (kubelet?.kind) {
    case "k3s":
    case "rke2":
      return `install the executable into ${RANCHER_BIN_DIR}, then: ${print} > ${RANCHER_CONFIG} && ${restart}`;
    case "microk8s":
      return `${print} > ${USUAL_CONFIG}, add ${USUAL_FLAGS} to /var/snap/microk8s/current/args/kubelet, then: ${restart}`;
    default: {
      const set = unit && assignmentIn(unit.files, VARIABLE);
      if (set?.value.includes(CONFIG_FLAG)) {
        return `${set.file}, line ${set.line}, sets them, and the kubelet was started before: ${restart}`;
      }
      const file = set === undefined ? DEFAULT_FILE : `${set.file}, line ${set.line}`;
      const before = set?.value ? `${set.value} ` : "";
      return `${print} > ${USUAL_CONFIG}, write into ${file}: ${VARIABLE}="${before}${USUAL_FLAGS}", then: ${restart}`;
    }
  }
}

/** An environment file beats every `Environment=`, whatever the order of drop-ins: systemd.exec(5). */
function variableCheck(unit: UnitEnvironment): Check {
  const found = check("unit-environment", `${VARIABLE} of kubelet.service`);
  const inUnit = unit.assignments.filter((each) => each.startsWith(`${VARIABLE}=`)).at(-1);
  const inFile = assignmentIn(unit.files, VARIABLE);
  if (inUnit === undefined || inFile === undefined) {
    const where = inFile
      ? `${inFile.file}, line ${inFile.line}`
      : inUnit
        ? "Environment= of the unit"
        : "nothing";
    return found.ok(`set by ${where}`);
  }
  const value = inUnit.slice(VARIABLE.length + 1);
  const lost = value.split(/\s+/).filter((word) => word !== "" && !inFile.value.includes(word));
  const file = `${inFile.file}, line ${inFile.line},`;
  if (lost.length === 0) return found.ok(`${file} and Environment= of the unit say the same`);
  const remedy = `write into ${inFile.file}: ${VARIABLE}="${[inFile.value, ...lost].join(" ").trim()}", then: systemctl restart kubelet`;
  const message = `Environment= of the unit sets it to no effect: ${file} assigns it too, and the file counts`;
  return value.includes("image-credential-provider")
    ? found.failed(message, remedy)
    : found.warning(message, remedy);
}

function binDirCheck({ files, kubelet }: ObservedNode, directory: string): Check {
  const found = check("bin-directory", directory);
  try {
    const kind = files.kindOf(directory);
    if (kind === "directory") return found.ok("is a directory");
    const why = kind === undefined ? "does not exist" : "is not a directory";
    const remedy = `mkdir -p ${directory}, install the executable into it, then: ${restartOf(kubelet)}`;
    return found.failed(`${why}, and the kubelet ends at its next start`, remedy);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return found.failed(`cannot be read: ${error.message}`, "run doctor as root");
  }
}
