import type { Fleet } from "./fleet.ts";
import type { Kubelet } from "./kubelet.ts";

const MINUTE = 60_000;
/** 20 pods of 4 images, all at once when the node is up. */
export const bootPods = { images: 4, podsOfImage: 5, withinMs: 100 };
/** A CronJob puts a pod on every node each 5 minutes; the scheduler gets it there within 10 s. */
export const cron = { everyMs: 5 * MINUTE, withinMs: 10_000 };
/** Other pods come to a node by chance, 4 an hour on average. */
export const chance = { meanGapMs: 15 * MINUTE };

const CRON_IMAGE = 100;
const CHANCE_IMAGES = 5;

/** The pods that wait for a node to come up. */
export function bootAt(fleet: Fleet, kubelet: Kubelet, time: number): void {
  for (let image = 0; image < bootPods.images; image++) {
    const at = time + fleet.random.between(0, bootPods.withinMs);
    fleet.time.at(at, () => kubelet.pull(image, bootPods.podsOfImage));
  }
}

/**
 * The CronJob's pods from now on. While the kubelet keeps credentials a pod costs nobody anything, so those are
 * passed over (here and below): whoever comes next is the same without them.
 */
export function cronPods(fleet: Fleet, kubelet: Kubelet): void {
  let tick = Math.floor(fleet.time.now / cron.everyMs);
  const next = () => {
    tick = Math.max(tick + 1, Math.floor(kubelet.keptUntil / cron.everyMs));
    fleet.time.at(tick * cron.everyMs + fleet.random.between(0, cron.withinMs), arrive);
  };
  const arrive = () => {
    kubelet.pull(CRON_IMAGE, 1);
    next();
  };
  next();
}

/** The pods that come by chance from now on. */
export function chancePods(fleet: Fleet, kubelet: Kubelet): void {
  const next = () => {
    const from = Math.max(fleet.time.now, kubelet.keptUntil);
    fleet.time.at(from + fleet.random.gap(chance.meanGapMs), arrive);
  };
  const arrive = () => {
    kubelet.pull(Math.floor(fleet.random.between(0, CHANCE_IMAGES)), 1);
    next();
  };
  next();
}
