import { harnessOf } from "../setup/paths.ts";
import type { Release } from "../setup/releases.ts";
import { type LineProcess, startLineProcess } from "./lineProcess.ts";

/** One container image of one pod. A pod without a service account is a static pod. */
export interface Lookup {
  readonly image: string;
  readonly namespace?: string;
  readonly pod?: string;
  readonly podUid?: string;
  readonly serviceAccount?: string;
}

export interface ServiceAccount {
  readonly uid: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** What the API server answers to a TokenRequest. */
  readonly token: string;
  /** What it says instead of giving one. */
  readonly tokenError?: string;
}

/** By `namespace/name`. */
export type ServiceAccounts = Readonly<Record<string, ServiceAccount>>;

export interface LookupResult {
  readonly found: boolean;
  readonly credentials: readonly {
    readonly username: string;
    readonly passwordSha256: string;
    /** Whose the kubelet takes them for; only with KubeletEnsureSecretPulledImages (on from 1.35). */
    readonly serviceAccount?: string;
  }[];
  readonly milliseconds: number;
  readonly error?: string;
}

export interface TokenRequest {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly audiences: readonly string[];
  readonly pod: string;
  readonly podUid: string;
}

export interface StepAnswer {
  readonly results: readonly LookupResult[];
  /** The kubelet's own metrics since it started. */
  readonly plugin: {
    readonly execs: number;
    readonly errors: number;
    readonly seconds: number;
    readonly configHash: string;
  };
  /** What the kubelet asked of the API server in this step. */
  readonly tokenRequests: readonly TokenRequest[];
}

/** The kubelet's plugin code in a process of its own, with the plugins registered. */
export interface PluginCode {
  /** Looks up all at once, as pods that start together do. */
  look(lookups: readonly (Lookup | string)[], serviceAccounts?: ServiceAccounts): Promise<StepAnswer>;
  /** What the kubelet would have logged so far with `-v=5`. */
  log(): string;
  stop(): Promise<void>;
}

export interface PluginCodeOptions {
  readonly release: Release;
  readonly config: string;
  readonly binDir: string;
  /** The kubelet's environment; under systemd it has neither HOME nor USER. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts it; throws what the kubelet says when it would not start with this configuration. */
export async function startPluginCode({
  release,
  config,
  binDir,
  env,
}: PluginCodeOptions): Promise<PluginCode> {
  const kubelet = startLineProcess(
    [harnessOf(release), "lookups", "--config", config, "--bin-dir", binDir, "-v", "5"],
    { cwd: "/", env: { PATH: "/usr/bin:/bin", ...env } },
  );
  const { registered, error } = await kubelet.read<{ registered: boolean; error?: string }>();
  if (!registered) {
    await kubelet.stop();
    throw new Error(error);
  }
  return {
    look: (lookups, serviceAccounts) =>
      kubelet.ask<StepAnswer>({
        lookups: lookups.map((lookup) => (typeof lookup === "string" ? { image: lookup } : lookup)),
        ...(serviceAccounts ? { serviceAccounts } : {}),
      }),
    log: kubelet.log,
    stop: kubelet.stop,
  };
}

/** Which of the pairs the kubelet's own code says match. */
export async function kubeletMatches(
  release: Release,
  pairs: readonly { readonly pattern: string; readonly image: string }[],
): Promise<boolean[]> {
  const kubelet: LineProcess = startLineProcess([harnessOf(release), "matches"], { cwd: "/", env: {} });
  const answers: boolean[] = [];
  for (const pair of pairs) answers.push((await kubelet.ask<{ matches: boolean }>(pair)).matches);
  await kubelet.stop();
  return answers;
}
