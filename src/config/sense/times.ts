import type { FilledConfig } from "../input.ts";
import { parseDuration } from "../values.ts";
import type { Sense } from "./sense.ts";

/** The kubelet kills a plugin after 60 s (k8s.io/kubernetes/pkg/credentialprovider/plugin); 5 s are for its own start and end. */
const MAX_TOTAL_MS = 55_000;

/** ACR tokens live an hour, and are never renewed before half of it. */
const HALF_A_TOKEN_MS = 30 * 60_000;

/** Durations that cannot work, or act otherwise than they read. */
export function senseTimes({ expiringThreshold, timeouts }: FilledConfig, sense: Sense): void {
  if (sense.sound(["expiringThreshold"])) {
    const threshold = parseDuration(expiringThreshold) ?? 0;
    if (threshold <= 0) sense.error(["expiringThreshold"], "must be more than 0s");
    if (threshold > HALF_A_TOKEN_MS) {
      sense.warn(
        ["expiringThreshold"],
        "acts as 30m: a token is never renewed before half of its hour is over",
      );
    }
  }
  if (!sense.sound(["timeouts"])) return;
  const [total, request] = [parseDuration(timeouts.total) ?? 0, parseDuration(timeouts.request) ?? 0];
  if (total <= 0) sense.error(["timeouts", "total"], "must be more than 0s");
  if (total > MAX_TOTAL_MS)
    sense.error(["timeouts", "total"], "must be at most 55s: the kubelet kills at 60s");
  if (request <= 0) sense.error(["timeouts", "request"], "must be more than 0s");
  if (request > total) {
    sense.error(["timeouts", "request"], `must be at most timeouts.total, which is ${timeouts.total}`);
  }
}
