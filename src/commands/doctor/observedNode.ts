import { join } from "node:path";
import { Failure } from "../../failure/failure.ts";
import {
  type ConfigVerdict,
  readCredentialProviderConfig,
} from "../../kubelet/credentialProviderConfig/credentialProviderConfig.ts";
import { type KubeletRelease, kubeletRelease } from "../../kubelet/kubeletRelease.ts";
import { type CredentialFlags, credentialFlagsOf } from "../../kubelet/running/credentialFlags.ts";
import { kubeletCommand } from "../../kubelet/running/kubeletCommand.ts";
import { type KubeletSettings, kubeletSettings } from "../../kubelet/running/kubeletSettings.ts";
import { environmentOf } from "../../kubelet/running/processes.ts";
import { ownFiles, type ProcessFiles } from "../../kubelet/running/processFiles.ts";
import { type KnownRelease, releaseOf } from "../../kubelet/running/releaseOf.ts";
import { type RunningKubelet, runningKubelets } from "../../kubelet/running/runningKubelets.ts";
import type { Environment } from "../../run/run.ts";
import { type OurProvider, ourProviders, providerFor } from "./ourProviders.ts";

/** What was asked for on the command line. */
export interface Wanted {
  readonly kubeletConfig?: string;
  readonly binDir?: string;
  /** A release of Kubernetes. */
  readonly kubernetes?: string;
  readonly images: readonly string[];
  readonly env: Environment;
}

/** The kubelet of this node and what it gives to the plugin: what all local checks look at. */
export interface ObservedNode {
  /** The kubelet that runs here, if one was looked for and found. */
  readonly kubelet?: RunningKubelet;
  /** Why there is none to look at. */
  readonly noKubelet: string;
  /** Further ones that run here. */
  readonly otherKubelets: readonly RunningKubelet[];
  /** As the kubelet sees them. */
  readonly files: ProcessFiles;
  readonly release: ObservedRelease;
  readonly flags: CredentialFlags;
  /** Of the running kubelet. */
  readonly settings?: KubeletSettings;
  /** Of the kubelet's config; absent where nothing leads to one. */
  readonly verdict?: ConfigVerdict;
  /** Those of the config that run this program. */
  readonly ours: readonly OurProvider[];
  /** The one of them that is asked for the first image, else the first. */
  readonly provider?: OurProvider;
  /** What the plugin is run with, or would be: the kubelet's environment and the provider's. */
  readonly env: Environment;
  /** Whether `env` is the kubelet's, and not this shell's. */
  readonly envIsKubelets: boolean;
}

/** By the rules of which release the kubelet's config is judged. */
export interface ObservedRelease extends KubeletRelease {
  /** `1.34.4`, or what `--kubernetes` said. */
  readonly version: string;
  /** Who says so; undefined: no one, and it is the default. */
  readonly from?: string;
  /** Why the kubelet did not say it. */
  readonly unknown?: string;
}

/** Looks at this node. Sends nothing anywhere. @throws Failure `Usage` for a release that is not one. */
export async function observeNode(wanted: Wanted): Promise<ObservedNode> {
  const running = isNamed(wanted) ? [] : runningKubelets();
  const [kubelet, ...otherKubelets] = running.filter(({ isOnThisNode }) => isOnThisNode);
  const files = kubelet?.files ?? ownFiles;
  const release = await observedRelease(wanted, kubelet);
  const command = kubelet && (await kubeletCommand(kubelet));
  const flags = command === undefined ? namedFlags(wanted) : credentialFlagsOf(command, files);
  const settings = command && (await kubeletSettings(command, files));
  const gate = settings?.serviceAccountTokens;
  const verdict =
    flags.config &&
    (await readCredentialProviderConfig(flags.config.value, {
      release,
      files,
      ...(gate === undefined ? {} : { serviceAccountTokens: gate }),
    }));
  const ours = verdict?.accepted ? ourProviders(verdict.providers, flags.binDir?.value, files) : [];
  const provider = providerFor(ours, wanted.images);
  const environment = kubelet && environmentOf(kubelet.pid);
  return {
    ...(kubelet === undefined ? {} : { kubelet }),
    noKubelet: isNamed(wanted) ? "none was looked for: files were named by flags" : whyNone(running),
    otherKubelets,
    files,
    release,
    flags,
    ...(settings === undefined ? {} : { settings }),
    ...(verdict === undefined ? {} : { verdict }),
    ours,
    ...(provider === undefined ? {} : { provider }),
    env: { ...(environment ?? wanted.env), ...variablesOf(provider) },
    envIsKubelets: environment !== undefined,
  };
}

function whyNone([other]: readonly RunningKubelet[]): string {
  const elsewhere =
    other === undefined ? "" : `; process ${other.pid} has a network of its own: run doctor there`;
  return `no process kubelet, k3s or kubelite of root runs on this node${elsewhere}`;
}

/** Of two values of a name the last one counts: os/exec of Go. */
function variablesOf(provider: OurProvider | undefined): Record<string, string> {
  return Object.fromEntries((provider?.env ?? []).map(({ name, value }) => [name, value]));
}

function isNamed({ kubeletConfig, binDir }: Wanted): boolean {
  return kubeletConfig !== undefined || binDir !== undefined;
}

function namedFlags({ kubeletConfig, binDir }: Wanted): CredentialFlags {
  return {
    ...(kubeletConfig === undefined
      ? {}
      : { config: { value: absolute(kubeletConfig), from: "--kubelet-config" } }),
    ...(binDir === undefined ? {} : { binDir: { value: absolute(binDir), from: "--bin-dir" } }),
  };
}

function absolute(path: string): string {
  return path.startsWith("/") ? path : join(process.cwd(), path);
}

async function observedRelease(
  { kubernetes }: Wanted,
  kubelet: RunningKubelet | undefined,
): Promise<ObservedRelease> {
  const byFlag = kubeletRelease(kubernetes);
  const known = kubelet && (await releaseOf(kubelet));
  if (known !== undefined && "release" in known) {
    const release = understood(known.release);
    if (release !== undefined) return { ...release, version: known.release, from: known.from };
  }
  const unknown = known === undefined ? {} : { unknown: whyUnknown(known) };
  if (kubernetes === undefined) return { ...byFlag, version: byFlag.name, ...unknown };
  return { ...byFlag, version: kubernetes.replace(/^v/, ""), from: "--kubernetes", ...unknown };
}

/** Undefined for one that is too old for credential providers, or is none. */
function understood(version: string): KubeletRelease | undefined {
  try {
    return kubeletRelease(version);
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

function whyUnknown(known: KnownRelease): string {
  return "unknown" in known
    ? known.unknown
    : `${known.from} says ${known.release}, and the kubelet runs credential providers since 1.24`;
}
