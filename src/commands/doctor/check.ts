import type { Run } from "../../run/run.ts";

export type CheckStatus = "ok" | "warning" | "failed" | "skipped";

/** The groups of checks, in the order in which they are made and printed. */
export const groupNames = [
  "config",
  "executable",
  "kubelet",
  "network",
  "identity",
  "instances",
  "images",
] as const;

export type GroupName = (typeof groupNames)[number];

/** One line of doctor's report. Nothing in it is a secret. */
export interface Check {
  readonly group: GroupName;
  /** Stable within its group, for programs: `config-file`, `bin-directory`. */
  readonly id: string;
  readonly status: CheckStatus;
  /** What it looked at: a file, a host, an image. */
  readonly subject: string;
  /** What was found, in one line; of a skipped one, why. */
  readonly found: string;
  /** The command or the line that fixes it; a failed check has one. */
  readonly remedy?: string;
  /** How long it took, where someone was asked. */
  readonly durationMs?: number;
}

/** What all groups look at. */
export interface Examination {
  /** With the config and the environment that the kubelet gives the plugin; absent where the config cannot be used. */
  readonly run?: Run;
  readonly images: readonly string[];
  /** Nothing may be sent anywhere. */
  readonly offline: boolean;
}

/** Makes a group's checks, each given out as soon as it is known. Throws nothing for what it finds. */
export type Examine = (examination: Examination) => AsyncIterable<Check>;
