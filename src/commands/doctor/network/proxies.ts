import { proxyFor } from "../../../openapi/proxy.ts";
import type { Run } from "../../../run/run.ts";
import type { Check } from "../check.ts";
import { failedBy, timed } from "../freshRun.ts";
import { reachTcp } from "./reach.ts";
import type { Target } from "./targets.ts";

/** The proxies of the plugin's environment that apply to these hosts: whether each is there. Names no password. */
export async function examineProxies(run: Run, targets: readonly Target[]): Promise<readonly Check[]> {
  const check = { group: "network", id: "proxy" } as const;
  const proxies = new Map<string, URL>();
  for (const { url } of targets) {
    const found = await timed(run, () => proxyFor(run.env, url));
    if ("failure" in found) return [{ ...check, subject: variableOf(run), ...failedBy(found.failure) }];
    if (found.value !== undefined) proxies.set(found.value.host, found.value);
  }
  if (proxies.size === 0) return [{ ...check, subject: "proxy", ...noProxy(run) }];
  return Promise.all(
    [...proxies.values()].map(async (url): Promise<Check> => {
      const subject = `${url.host} (${variableOf(run)})`;
      const reached = await timed(run, () => reachTcp(run, url));
      const { durationMs } = reached;
      if ("value" in reached) {
        return { ...check, subject, durationMs, status: "ok", found: `listens at ${reached.value[0]}` };
      }
      const { message } = reached.failure;
      return {
        ...check,
        subject,
        durationMs,
        status: "failed",
        found: `everything goes through it, and it cannot be reached: ${message}`,
        remedy: `correct ${variableOf(run)} in the kubelet's environment, or list the hosts in NO_PROXY; try: nc -vz ${url.hostname} ${url.port || "80"}`,
      };
    }),
  );
}

function noProxy(run: Run): Pick<Check, "status" | "found"> {
  const variable = variableOf(run);
  return run.env[variable]
    ? { status: "ok", found: `${variable} is set, and NO_PROXY (or loopback) exempts Alibaba Cloud's APIs` }
    : { status: "ok", found: "none: the environment that the plugin gets names none" };
}

/** The variable that counts for https, upper case first. */
function variableOf({ env }: Run): string {
  return env.HTTPS_PROXY || !env.https_proxy ? "HTTPS_PROXY" : "https_proxy";
}
