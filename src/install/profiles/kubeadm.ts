import { Failure } from "../../failure/failure.ts";
import { textOf } from "../../kubelet/credentialProviderConfig/kubeletFiles.ts";
import { flagValue } from "../../kubelet/running/commandFlags.ts";
import { BIN_DIR_FLAG, CONFIG_FLAG } from "../../kubelet/running/credentialFlags.ts";
import { assign, assignmentsIn } from "../../kubelet/running/environmentFile.ts";
import { wordsOf } from "../../kubelet/running/shellWords.ts";
import { commandLineOf, type ServiceUnit, usesVariable } from "../../kubelet/running/systemdUnit.ts";
import type { NodeFiles } from "../files/nodeFiles.ts";
import { type FlagsChange, flagWords, type Profile, type ProviderFlags } from "./profile.ts";

/** The variable of kubeadm's drop-in that belongs to the operator. */
export const VARIABLE = "KUBELET_EXTRA_ARGS";

/** The operator's files in the packages of Kubernetes: of deb and of rpm. */
const operatorsFiles = ["/etc/default/kubelet", "/etc/sysconfig/kubelet"];

/** A kubelet that systemd starts with kubeadm's drop-in. */
export function kubeadmProfile(unit: ServiceUnit, from: string): Profile {
  return {
    name: "kubeadm",
    from,
    unit: `${unit.name}.service`,
    service: unit,
    program: wordsOf(unit.execStart)?.[0]?.text,
    defaults: {
      config: "/etc/kubernetes/credential-provider.yaml",
      binDir: "/usr/local/lib/credential-providers",
    },
    async flags(files): Promise<ProviderFlags> {
      const words = commandLineOf(files, unit);
      return { config: flagValue(words, CONFIG_FLAG), binDir: flagValue(words, BIN_DIR_FLAG) };
    },
    addFlags: (files, missing) => addFlags(files, unit, missing),
  };
}

function addFlags(files: NodeFiles, unit: ServiceUnit, missing: ProviderFlags): FlagsChange {
  const path = fileThatCounts(files, unit);
  const before = textOf(files, path);
  const text = before ?? "";
  const value = assignmentsIn(text).findLast(({ name }) => name === VARIABLE)?.value ?? "";
  if (wordsOf(value) === undefined) {
    throw notUnderstood(`${VARIABLE} in ${path} has a quote that is not closed`, "close it");
  }
  const words = flagWords(missing);
  const changed = assign(text, VARIABLE, [value, ...words].filter((part) => part !== "").join(" "));
  return { kind: "environment", path, text: changed, words, isNewFile: before === undefined };
}

/**
 * The environment file by which the variable is set: the last one that assigns it, else the operator's. `EnvironmentFile=`
 * beats every `Environment=` of a unit, whatever the order (seen with systemd 252).
 */
function fileThatCounts(files: NodeFiles, unit: ServiceUnit): string {
  const unitName = `${unit.name}.service`;
  if (!usesVariable(unit, VARIABLE)) {
    throw notUnderstood(
      `the command line of ${unitName} does not have $${VARIABLE}`,
      "set the two flags where this node sets the kubelet's flags, and run this again",
    );
  }
  const assigns = (path: string) =>
    assignmentsIn(textOf(files, path) ?? "").some(({ name }) => name === VARIABLE);
  const counting = unit.environmentFiles.findLast(assigns);
  if (counting !== undefined) {
    if (operatorsFiles.includes(counting)) return counting;
    throw notUnderstood(
      `${VARIABLE} is set by ${counting}, which belongs to whoever made it`,
      `add the two flags to ${VARIABLE} there, and run this again`,
    );
  }
  if (unit.environment.has(VARIABLE)) {
    throw notUnderstood(
      `${VARIABLE} is set by Environment= of ${unitName} only, and a file would take its place`,
      `move its value to one of ${operatorsFiles.join(" and ")}, whichever the unit reads`,
    );
  }
  const own = unit.environmentFiles.findLast((path) => operatorsFiles.includes(path));
  if (own !== undefined) return own;
  throw notUnderstood(
    `${unitName} reads neither ${operatorsFiles.join(" nor ")}`,
    "set the two flags where this node sets the kubelet's flags, and run this again",
  );
}

function notUnderstood(cause: string, remedy: string): Failure {
  return new Failure(`find the place for the kubelet's flags: ${cause}`, {
    code: "NodeNotUnderstood",
    remedy,
  });
}
