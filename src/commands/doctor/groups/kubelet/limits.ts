import { limitsOf } from "../../../../kubelet/running/limitsOf.ts";
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
  if (kubelet === undefined) {
    yield found.skipped("no kubelet was looked at");
    return;
  }
  const limits = limitsOf(kubelet.pid);
  if (limits === undefined) {
    yield found.skipped("/proc does not show them: run doctor as root");
    return;
  }
  const { data, addressSpace, processes, openFiles } = limits;
  const without = (setting: string) =>
    `take ${setting} out of the kubelet's unit, systemctl daemon-reload, then: ${restartOf(kubelet)}`;
  const problems: Check[] = [];
  if (data < LEAST_DATA) {
    problems.push(
      found.failed(
        `RLIMIT_DATA is ${size(data)}: the plugin aborts with less than ${size(LEAST_DATA)}`,
        without("LimitDATA="),
      ),
    );
  }
  if (addressSpace < LEAST_ADDRESS_SPACE) {
    problems.push(found.failed(`RLIMIT_AS is ${size(addressSpace)}: the plugin aborts`, without("LimitAS=")));
  } else if (addressSpace !== Number.POSITIVE_INFINITY) {
    problems.push(
      found.warning(
        `RLIMIT_AS is ${size(addressSpace)}: with some values the plugin aborts`,
        without("LimitAS="),
      ),
    );
  }
  // The kernel does not hold root to it.
  if (kubelet.uid !== 0 && processes < LEAST_PROCESSES) {
    problems.push(
      found.failed(
        `RLIMIT_NPROC is ${processes}: the plugin cannot start its threads`,
        without("LimitNPROC="),
      ),
    );
  }
  if (openFiles < LEAST_FILES) {
    problems.push(
      found.failed(`RLIMIT_NOFILE is ${openFiles}: the plugin needs ${LEAST_FILES}`, without("LimitNOFILE=")),
    );
  }
  if (problems.length > 0) yield* problems;
  else yield found.ok("none that the plugin would not survive");
}

function size(bytes: number): string {
  return `${Math.round(bytes / MB)} MB`;
}
