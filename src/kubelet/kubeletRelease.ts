import { type Failure, usageFailure } from "../failure/failure.ts";

/** A kubelet's release, and what of `CredentialProviderConfig` it understands. */
export interface KubeletRelease {
  /** `1.34` */
  readonly name: string;
  /** 34 */
  readonly minor: number;
  /** Version of the config's and of the plugin's API: `v1` since 1.26, and then `v1beta1` is on its way out. */
  readonly api: "v1" | "v1beta1";
  /**
   * How it sends service account tokens: not at all before 1.33; there without the field `cacheType` and behind a
   * feature gate; from 1.34 on with that field, which is then required (KEP-4412).
   */
  readonly tokens: "none" | "alpha" | "beta";
}

/** What is fitted when nothing is said: the dialect of every release since. */
const DEFAULT_MINOR = 34;
const OLDEST_MINOR = 24;

/**
 * The release that `--kubernetes` names, as `kubelet --version` writes it or shorter: `1.34`, `v1.34.2+k3s1`.
 * @throws Failure `Usage` for what is not a release, or one that has no credential provider plugins by default.
 */
export function kubeletRelease(text: string | undefined): KubeletRelease {
  if (text === undefined) return releaseOf(DEFAULT_MINOR);
  const match = /^v?1\.([0-9]{1,3})(?:\.[0-9]+)?(?:[-+][\w.+-]*)?$/.exec(text);
  if (match === null) throw usage(`--kubernetes ${text} is not a release of Kubernetes`);
  const minor = Number(match[1]);
  if (minor < OLDEST_MINOR) {
    throw usage(`--kubernetes ${text}: the kubelet runs credential provider plugins since 1.${OLDEST_MINOR}`);
  }
  return releaseOf(minor);
}

function releaseOf(minor: number): KubeletRelease {
  return {
    name: `1.${minor}`,
    minor,
    api: minor < 26 ? "v1beta1" : "v1",
    tokens: minor < 33 ? "none" : minor === 33 ? "alpha" : "beta",
  };
}

function usage(message: string): Failure {
  return usageFailure(message, `name the kubelet's release from 1.${OLDEST_MINOR} on, such as 1.34`);
}
