import type { ProviderConfig } from "../../src/config/config.ts";
import { defaultConfig } from "./fleet.ts";
import { ours, type Plugin, simple, withoutJitter, withoutSharing, withoutStale } from "./plugins.ts";

/** A plugin as it is compared. */
export interface Variant {
  readonly name: string;
  readonly color: string;
  readonly plugin: Plugin;
  readonly config: ProviderConfig;
}

const config = defaultConfig;

export const variants = {
  ours: { name: "this plugin", color: "#0969da", plugin: ours, config },
  withoutJitter: { name: "without jitter", color: "#8250df", plugin: withoutJitter, config },
  withoutSharing: { name: "without sharing", color: "#bf8700", plugin: withoutSharing, config },
  withoutStale: { name: "without stale serving", color: "#1a7f37", plugin: withoutStale, config },
  simple: { name: "with none of the three", color: "#cf222e", plugin: simple, config },
  earlier: {
    name: "this plugin, expiringThreshold: 30m",
    color: "#57606a",
    plugin: ours,
    config: { ...config, expiringThresholdMs: 30 * 60 * 1000 },
  },
} satisfies Record<string, Variant>;
export type VariantName = keyof typeof variants;
export const variantNames = Object.keys(variants) as VariantName[];
