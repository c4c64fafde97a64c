import { span } from "../../../text/span.ts";
import type { Check, Examination } from "../check.ts";
import { freshRun } from "../freshRun.ts";
import { examineProxies } from "../network/proxies.ts";
import type { Reached } from "../network/reach.ts";
import { reachHosts } from "../network/reachHosts.ts";
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
  const configured = [...apiTargets(run, places), ...stsTargets(run, places)].flat();
  const proxies = await examineProxies(run, [...configured, ...registryTargets(places, [])]);
  yield* proxies.checks;
  const apis = reachHosts(run, apiTargets(run, places), proxies);
  const services = reachHosts(run, stsTargets(run, places), proxies);
  const api = await apis;
  yield* api.checks;
  if (places.every(({ regionId }) => regionId === undefined)) yield noRegion();
  const sts = await services;
  yield* sts.checks;

  const pulls = await pulling;
  const later = freshRun(kept);
  const hosts = pulls.flatMap((pull) => (isOurs(pull) ? (pull.context?.host ?? []) : []));
  const known = reachHosts(later, alone(registryTargets(places, hosts)), proxies);
  const learnt = reachHosts(later, alone(await learntTargets(later, places, pulls)), proxies);
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

/** None stands in for another. */
function alone(targets: readonly Target[]): readonly (readonly Target[])[] {
  return targets.map((target) => [target]);
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
