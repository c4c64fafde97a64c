import { Failure } from "../../../failure/failure.ts";
import { proxyChoice } from "../../../openapi/proxy.ts";
import type { Run } from "../../../run/run.ts";
import type { Check } from "../check.ts";
import { failedBy, timed } from "../freshRun.ts";
import { reachTcp } from "./reach.ts";
import type { Target } from "./targets.ts";

/** Code of the failure that a host is not tried because its proxy is not there. */
export const BLOCKED = "ProxyNotThere";

/** The proxies of the plugin's environment. */
export interface Proxies {
  readonly checks: readonly Check[];
  /** Why a host need not be tried: it would be reached through a proxy that is not there; undefined where it may be. */
  blocking(url: URL): Promise<Failure | undefined>;
}

/** Looks at the proxies that apply to these hosts: whether each is there. Names no password. */
export async function examineProxies(run: Run, targets: readonly Target[]): Promise<Proxies> {
  const variable = variableOf(run);
  const check = { group: "network", id: "proxy" } as const;
  const found = await timed(run, async () => targets.map(({ url }) => proxyChoice(run.env, url).proxy));
  if ("failure" in found) {
    const blocked = notTried(`${variable} names no usable proxy`);
    return {
      checks: [{ ...check, subject: variable, ...failedBy(found.failure) }],
      blocking: async () => blocked,
    };
  }
  const proxies = new Map(found.value.flatMap((url) => (url === undefined ? [] : [[url.host, url]])));
  if (proxies.size === 0) {
    return {
      checks: [{ ...check, subject: "proxy", status: "ok", found: noProxy(run) }],
      blocking: async () => undefined,
    };
  }
  const checks = await Promise.all([...proxies.values()].map((url) => proxyCheck(run, url)));
  const missing = [...proxies.keys()].filter((_, index) => checks[index]?.status === "failed");
  return {
    checks,
    async blocking(url) {
      const { proxy } = proxyChoice(run.env, url);
      if (proxy === undefined || !missing.includes(proxy.host)) return undefined;
      return notTried(`the proxy ${proxy.host} of ${variable} cannot be reached`);
    },
  };
}

function notTried(why: string): Failure {
  return new Failure(`not tried: ${why}`, { code: BLOCKED });
}

async function proxyCheck(run: Run, url: URL): Promise<Check> {
  const variable = variableOf(run);
  const reached = await timed(run, () => reachTcp(run, url));
  const { durationMs } = reached;
  const check = { group: "network", id: "proxy", subject: `${url.host} (${variable})`, durationMs } as const;
  if ("value" in reached) return { ...check, status: "ok", found: `listens at ${reached.value[0]}` };
  return {
    ...check,
    status: "failed",
    found: `everything goes through it, and it cannot be reached: ${reached.failure.message}`,
    remedy: `correct ${variable} in the kubelet's environment, or list the hosts in NO_PROXY; try: nc -vz ${url.hostname} ${url.port || "80"}`,
  };
}

function noProxy(run: Run): string {
  const variable = variableOf(run);
  return run.env[variable]
    ? `${variable} is set, and NO_PROXY (or loopback) exempts every host in question`
    : "none: the environment that the plugin gets names none";
}

/** The variable that counts for https, upper case first. */
function variableOf({ env }: Run): string {
  return env.HTTPS_PROXY || !env.https_proxy ? "HTTPS_PROXY" : "https_proxy";
}
