import type { Run } from "../../../run/run.ts";
import type { Check } from "../check.ts";
import { type Timed, timed } from "../freshRun.ts";
import { notReached, subjectOf } from "./networkRemedies.ts";
import { BLOCKED, type Proxies } from "./proxies.ts";
import { type Reached, reach } from "./reach.ts";
import type { Target } from "./targets.ts";

export interface ReachedHosts {
  readonly checks: readonly Check[];
  readonly reached: readonly Reached[];
}

/** Reaches every host once; of a list of which one suffices, the others are a warning where they cannot be reached. */
export async function reachHosts(
  run: Run,
  lists: readonly (readonly Target[])[],
  proxies: Proxies,
): Promise<ReachedHosts> {
  const targets = new Map(lists.flat().map((target) => [target.url.href, target]));
  const results = new Map<string, Timed<Reached>>();
  const reachOne = async ([href, { url }]: [string, Target]) => {
    const blocked = await proxies.blocking(url);
    const work = blocked === undefined ? () => reach(run, url) : () => Promise.reject(blocked);
    results.set(href, await timed(run, work));
  };
  await Promise.all([...targets].map(reachOne));
  const isReached = ({ url }: Target) => "value" in (results.get(url.href) ?? {});
  const checks = [...targets.values()].map((target) => {
    const other = lists
      .filter((list) => list.some(({ url }) => url.href === target.url.href))
      .flatMap((list) => list.find(isReached) ?? [])[0];
    return targetCheck(target, results.get(target.url.href) as Timed<Reached>, other);
  });
  return {
    checks,
    reached: [...results.values()].flatMap((result) => ("value" in result ? result.value : [])),
  };
}

function targetCheck(target: Target, result: Timed<Reached>, other: Target | undefined): Check {
  const { durationMs } = result;
  const check = { group: "network" as const, id: target.id, subject: subjectOf(target), durationMs };
  if ("value" in result) return { ...check, status: "ok", found: result.value.found };
  if (result.failure.code === BLOCKED) return { ...check, status: "skipped", found: result.failure.message };
  const { found, remedy } = notReached(target, result.failure);
  if (other !== undefined) {
    const isInside = other.url.host.includes("-vpc.");
    return {
      ...check,
      status: "warning",
      found: `${found}; ${other.url.host} stands in, and every few hours a pull waits for this one`,
      remedy: `set network: ${isInside ? "vpc" : "public"} in the config`,
    };
  }
  if (target.byRuleOf !== undefined) {
    const because = `${found}; no registry has named it, so it may be another host`;
    return {
      ...check,
      status: "warning",
      found: because,
      remedy: `${remedy}; "doctor IMAGE" learns the host itself`,
    };
  }
  if (target.isOptional !== true) return { ...check, status: "failed", found, remedy };
  const by = `${found}; no identity of this config needs it, only doctor's group identity asks there`;
  return { ...check, status: "warning", found: by, remedy };
}
