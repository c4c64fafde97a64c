import type { Experiment } from "./result.ts";
import { type Scenario, scenarios } from "./scenarios.ts";
import { type VariantName, variantNames } from "./variants.ts";

export interface Size {
  readonly nodes: number;
  readonly limits: Readonly<Record<Scenario, readonly number[]>>;
  /** Where this size is compared with the simple plugin. */
  readonly compared: { readonly limit: number; readonly in: readonly Scenario[] };
}

export interface Plan {
  readonly sizes: readonly Size[];
  /** Where all variants are compared. */
  readonly ablations: { readonly nodes: number; readonly limit: number };
  /** How long the steady state is watched. The kubelet keeps a token for about 50 minutes. */
  readonly steadyMinutes: number;
}

/** The same limits in every scenario. */
function everywhere(...limits: readonly number[]): Size["limits"] {
  return { boot: limits, steady: limits, outage: limits };
}

/**
 * No API can give every node a token in less than nodes divided by limit, so the largest fleet gets higher limits.
 * That fleet is compared only where the difference is greatest, so that the whole plan takes about 4 minutes.
 */
export const fullPlan: Plan = {
  sizes: [
    { nodes: 1_000, limits: everywhere(50, 200, 1000), compared: { limit: 50, in: scenarios } },
    { nodes: 10_000, limits: everywhere(50, 200, 1000), compared: { limit: 200, in: scenarios } },
    {
      nodes: 100_000,
      limits: { boot: [1500, 2000], steady: [1000, 2000], outage: [2000] },
      compared: { limit: 1500, in: ["boot"] },
    },
  ],
  ablations: { nodes: 10_000, limit: 200 },
  steadyMinutes: 200,
};

export const quickPlan: Plan = {
  sizes: [{ nodes: 1_000, limits: everywhere(20, 50, 200), compared: { limit: 20, in: scenarios } }],
  ablations: { nodes: 1_000, limit: 20 },
  steadyMinutes: 200,
};

/** Every experiment of the plan, once. Within a scenario, the small fleets come first. */
export function experimentsOf(plan: Plan): Experiment[] {
  return scenarios.flatMap((scenario) => [
    ...plan.sizes.flatMap((size) => experimentsOfSize(scenario, size)),
    ...variantNames
      .filter((name) => !ofSizes.includes(name))
      .map((variant) => ({ scenario, ...plan.ablations, variant })),
  ]);
}

/** What is simulated at every size. The other variants are simulated at one size and limit. */
const ofSizes: readonly VariantName[] = ["ours", "simple"];

function experimentsOfSize(scenario: Scenario, { nodes, limits, compared }: Size): Experiment[] {
  const ours = limits[scenario].map((limit): Experiment => ({ scenario, nodes, limit, variant: "ours" }));
  const isCompared = compared.in.includes(scenario);
  return isCompared ? [...ours, { scenario, nodes, limit: compared.limit, variant: "simple" }] : ours;
}
