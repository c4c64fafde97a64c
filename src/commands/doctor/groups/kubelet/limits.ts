import { limitsOf, type ProcessLimits } from "../../../../kubelet/running/limitsOf.ts";
import type { Check } from "../../check.ts";
import { checksOf } from "../../makeCheck.ts";
import type { ObservedNode } from "../../observedNode.ts";
import { restartOf } from "./restart.ts";

const check = checksOf("kubelet");

const MB = 1_000_000;
/** Tried with Bun 1.4.5: below this its runtime aborts. */
const LEAST_DATA = 200 * MB;
/** Tried with Bun 1.4.5: below this it aborts, and above it in some windows up to 2.3 GB. */
const LEAST_ADDRESS_SPACE = 340 * MB;
const LEAST_FILES = 10;
/** Threads and processes of the user, all together. */
const LEAST_PROCESSES = 64;

/** The kubelet's resource limits, which the plugin inherits and its runtime may not survive. */
export function* limitChecks({ kubelet }: ObservedNode): Iterable<Check> {
  const found = check("limits", "resource limits of the kubelet");
  const limits = kubelet && limitsOf(kubelet.pid);
  if (kubelet === undefined || limits === undefined) {
    yield found.skipped(
      kubelet ? "/proc does not show them: run doctor as root" : "no kubelet was looked at",
    );
    return;
  }
  const problems = problemsOf(limits, kubelet.uid);
  for (const { what, setting, isFatal } of problems) {
    const remedy = `take ${setting} out of the kubelet's unit, systemctl daemon-reload, then: ${restartOf(kubelet)}`;
    yield isFatal ? found.failed(what, remedy) : found.warning(what, remedy);
  }
  if (problems.length === 0) yield found.ok("none that the plugin would not survive");
}

interface LimitProblem {
  readonly what: string;
  /** Of a systemd unit. */
  readonly setting: string;
  readonly isFatal: boolean;
}

function problemsOf(
  { data, addressSpace, processes, openFiles }: ProcessLimits,
  uid: number,
): LimitProblem[] {
  const problems: LimitProblem[] = [];
  const add = (setting: string, what: string, isFatal = true) => problems.push({ what, setting, isFatal });
  if (data < LEAST_DATA) {
    add("LimitDATA=", `RLIMIT_DATA is ${size(data)}: the plugin aborts with less than ${size(LEAST_DATA)}`);
  }
  if (addressSpace < LEAST_ADDRESS_SPACE) {
    add("LimitAS=", `RLIMIT_AS is ${size(addressSpace)}: the plugin aborts`);
  } else if (addressSpace !== Number.POSITIVE_INFINITY) {
    add("LimitAS=", `RLIMIT_AS is ${size(addressSpace)}: with some values the plugin aborts`, false);
  }
  // The kernel does not hold root to it.
  if (uid !== 0 && processes < LEAST_PROCESSES) {
    add("LimitNPROC=", `RLIMIT_NPROC is ${processes}: the plugin cannot start its threads`);
  }
  if (openFiles < LEAST_FILES) {
    add("LimitNOFILE=", `RLIMIT_NOFILE is ${openFiles}: the plugin needs ${LEAST_FILES}`);
  }
  return problems;
}

function size(bytes: number): string {
  return `${Math.round(bytes / MB)} MB`;
}
