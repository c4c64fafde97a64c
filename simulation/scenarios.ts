import { Fleet, type FleetOptions } from "./fleet.ts";
import { Kubelet } from "./kubelet.ts";
import type { Measures } from "./measures.ts";

const MINUTE = 60_000;
/** 20 pods of 4 images, all at once when a node comes up. */
const bootPods = { images: 4, podsOfImage: 5, withinMs: 100 };
/** A CronJob puts a pod on every node every 5 minutes. The scheduler needs up to 10 s for that. */
const cron = { everyMs: 5 * MINUTE, withinMs: 10_000 };
/** Other pods come to a node at random, 4 an hour on average. */
const atRandom = { meanGapMs: 15 * MINUTE };

const CRON_IMAGE = 100;
const RANDOM_IMAGES = 5;

/** All nodes of a fleet boot within this time. */
const BOOT_WITHIN_MS = MINUTE;
const BOOT_HORIZON_MS = 6 * 60 * MINUTE;
const TOKEN_LIFE_MS = 60 * MINUTE;
/** When the outage begins after the start of the observation, and how long the fleet is watched after its end. */
export const outageMs = { after: 5 * MINUTE, lasts: 30 * MINUTE, watched: 30 * MINUTE };

export const scenarios = ["boot", "steady", "outage"] as const;
export type Scenario = (typeof scenarios)[number];

export interface ScenarioOptions
  extends Pick<FleetOptions, "nodes" | "plugin" | "timer" | "seed" | "config"> {
  /** Calls a second that the API answers. */
  readonly limit: number;
  /** How long the steady state is watched. */
  readonly steadyMs: number;
}

/** What was counted in [from, to) ms of simulated time. */
export interface Observation {
  readonly measures: Measures;
  readonly from: number;
  readonly to: number;
}

export const simulate: Record<Scenario, (options: ScenarioOptions) => Observation> = {
  boot,
  steady,
  outage,
};

/** All nodes come up within a minute, without a token. Ends when every pod has credentials. */
function boot({ limit, ...options }: ScenarioOptions): Observation {
  const fleet = new Fleet({ ...options, api: { limit, limitedFrom: 0 } });
  for (let node = 0; node < options.nodes; node++) {
    const kubelet = new Kubelet(fleet);
    bootAt(fleet, kubelet, fleet.random.between(0, BOOT_WITHIN_MS));
    fleet.startTimer(kubelet.cache);
  }
  const { measures, time } = fleet;
  time.run(BOOT_WITHIN_MS + bootPods.withinMs);
  time.run(BOOT_HORIZON_MS, () => measures.podsPending === 0);
  return { measures, from: 0, to: time.now };
}

/** A fleet has just got its tokens, within a minute or as fast as the API gave them. It is watched for hours. */
function steady({ limit, steadyMs, ...options }: ScenarioOptions): Observation {
  const from = Math.max(BOOT_WITHIN_MS, (options.nodes / limit) * 1000);
  const fleet = new Fleet({ ...options, api: { limit, limitedFrom: from } });
  runNodes(fleet, from);
  const to = from + steadyMs;
  fleet.time.run(to);
  return { measures: fleet.measures, from, to };
}

/** A fleet has tokens of all ages, and its API is gone for half an hour. Ends when every pod could pull again. */
function outage({ limit, ...options }: ScenarioOptions): Observation {
  const from = TOKEN_LIFE_MS - options.config.expiringThresholdMs;
  const start = from + outageMs.after;
  const outage = { from: start, to: start + outageMs.lasts };
  const fleet = new Fleet({ ...options, api: { limit, limitedFrom: from, outage } });
  runNodes(fleet, from);
  const to = outage.to + outageMs.watched;
  fleet.time.run(to);
  return { measures: fleet.measures, from, to };
}

/** Every node gets a token at a random moment before `warm` (ms), and pods from then on. */
function runNodes(fleet: Fleet, warm: number): void {
  const kubelets = Array.from({ length: fleet.options.nodes }, () => new Kubelet(fleet));
  for (const kubelet of kubelets) {
    fleet.time.at(fleet.random.between(0, warm - MINUTE / 6), () => kubelet.prefetch());
    fleet.startTimer(kubelet.cache);
  }
  fleet.time.run(warm);
  for (const kubelet of kubelets) {
    cronPods(fleet, kubelet);
    randomPods(fleet, kubelet);
  }
}

/** The pods that start when a node comes up. */
function bootAt(fleet: Fleet, kubelet: Kubelet, time: number): void {
  for (let image = 0; image < bootPods.images; image++) {
    const at = time + fleet.random.between(0, bootPods.withinMs);
    fleet.time.at(at, () => kubelet.pull(image, bootPods.podsOfImage));
  }
}

/**
 * The CronJob's pods from now on. A pod that comes while the kubelet keeps credentials causes no work and changes
 * nothing for later pods, so it is left out (here and below).
 */
function cronPods(fleet: Fleet, kubelet: Kubelet): void {
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

/** The pods that come at random from now on. */
function randomPods(fleet: Fleet, kubelet: Kubelet): void {
  const next = () => {
    const from = Math.max(fleet.time.now, kubelet.keptUntil);
    fleet.time.at(from + fleet.random.gap(atRandom.meanGapMs), arrive);
  };
  const arrive = () => {
    kubelet.pull(Math.floor(fleet.random.between(0, RANDOM_IMAGES)), 1);
    next();
  };
  next();
}
