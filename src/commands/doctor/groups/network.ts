import type { Run } from "../../../run/run.ts";
import { span } from "../../../text/span.ts";
import type { Check, Examination } from "../check.ts";
import { freshRun, type Timed, timed } from "../freshRun.ts";
import { notReached, subjectOf } from "../network/networkRemedies.ts";
import { examineProxies } from "../network/proxies.ts";
import { type Reached, reach } from "../network/reach.ts";
import { apiTargets, learntTargets, registryTargets, stsTargets, type Target } from "../network/targets.ts";
import { placesOf, whySkipped } from "../places.ts";
import type { ImagePull } from "../pull/imagePull.ts";
import { tryPull } from "../pull/tryPull.ts";

const group = "network" as const;

/** Every host that a pull needs, each way as the plugin or the runtime takes it, and the node's clock. */
export async function* examineNetwork({ run: kept, images, offline }: Examination): AsyncGenerator<Check> {
  const skipped = whySkipped(kept, offline);
  if (kept === undefined || skipped !== undefined) {
    yield { group, id: "api", status: "skipped", subject: "network", found: skipped ?? "" };
    return;
  }
  const run = freshRun(kept);
  const pulling = Promise.all(images.map((image) => tryPull(kept, image)));
  const places = await placesOf(run, images);
  const proxied = examineProxies(run, [...apiTargets(run, places), ...stsTargets(run, places)].flat());
  const apis = reachAlternatives(run, apiTargets(run, places));
  const services = reachAlternatives(run, stsTargets(run, places));
  yield* await proxied;
  const api = await apis;
  yield* api.checks;
  if (places.every(({ regionId }) => regionId === undefined)) yield noRegion();
  const sts = await services;
  yield* sts.checks;

  const pulls = await pulling;
  const later = freshRun(kept);
  const hosts = pulls.flatMap((pull) => (isOurs(pull) ? (pull.context?.host ?? []) : []));
  const registries = registryTargets(places, hosts).map((target) => [target]);
  const known = reachAlternatives(later, registries);
  const learnt = reachAlternatives(
    later,
    (await learntTargets(later, places, pulls)).map((target) => [target]),
  );
  const [registry, others] = [await known, await learnt];
  yield* registry.checks;
  yield* others.checks;
  for (const check of unknownHosts([...registry.checks, ...others.checks])) yield check;
  yield clockCheck([...api.reached, ...sts.reached, ...registry.reached]);
}

/** Whether the image leads to a registry of the config, as far as it got. */
function isOurs({ context, checks }: ImagePull): boolean {
  return context?.registry !== undefined || checks.some(({ status }) => status === "failed");
}

interface Examined {
  readonly checks: readonly Check[];
  readonly reached: readonly Reached[];
}

/** Reaches every host once; of a list of which one suffices, the others are a warning where they cannot be reached. */
async function reachAlternatives(run: Run, lists: readonly (readonly Target[])[]): Promise<Examined> {
  const targets = new Map(lists.flat().map((target) => [target.url.href, target]));
  const results = new Map<string, Timed<Reached>>();
  const reachOne = async ([href, { url }]: [string, Target]) => {
    results.set(href, await timed(run, () => reach(run, url)));
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
  const check = { group, id: target.id, subject: subjectOf(target), durationMs };
  if ("value" in result) return { ...check, status: "ok", found: result.value.found };
  const { found, remedy } = notReached(target, result.failure);
  if (other !== undefined) {
    const isInside = other.url.host.includes("-vpc.");
    return {
      ...check,
      status: "warning",
      found: `${found}; ${other.url.host} stands in, after each process has waited for this one`,
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
  return { ...check, status: target.isOptional === true ? "warning" : "failed", found, remedy };
}

function noRegion(): Check {
  return {
    group,
    id: "api",
    status: "skipped",
    subject: "ACR's API",
    found: "no region is known: name an image of ACR, or set defaultRegion",
  };
}

/** What could not be looked at because nothing names it. */
function unknownHosts(checks: readonly Check[]): Check[] {
  const missing = (["registry", "token-realm", "layers"] as const).filter((id) =>
    checks.every((check) => check.id !== id),
  );
  return missing.map((id) => ({
    group,
    id,
    status: "skipped",
    subject: id === "layers" ? "layer host" : id === "registry" ? "registry" : "token realm",
    found: 'nothing names it: "doctor IMAGE" does',
  }));
}

/** Signatures are refused from 15 minutes on; tokens of an hour lose what the clock is off. */
const WARNED_MS = 60_000;
const FAILED_MS = 5 * 60_000;

function clockCheck(reached: readonly Reached[]): Check {
  const check = { group, id: "clock", subject: "the node's clock" } as const;
  const clock = reached.find((one) => one.clock !== undefined)?.clock;
  if (clock === undefined)
    return { ...check, status: "skipped", found: "no host has answered with its time" };
  const off = clock.ours - clock.theirs;
  const size = Math.abs(off);
  if (size < WARNED_MS) return { ...check, status: "ok", found: "within a minute of the API's" };
  return {
    ...check,
    status: size < FAILED_MS ? "warning" : "failed",
    found: `${span(size)} ${off > 0 ? "ahead of" : "behind"} the API's: signatures are refused from 15 min on, and tokens count as expired or as new too long`,
    remedy: "set it and keep it set: timedatectl set-ntp true (or chronyc makestep)",
  };
}
