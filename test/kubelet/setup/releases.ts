/** One release of Kubernetes that the executable is held to. */
export interface Release {
  /** As in `k8s.io/kubernetes@vVERSION`; `harness/releases/vVERSION.mod` is made by `harness/update.sh`. */
  readonly version: string;
  /** As `kubelet-config --kubernetes` takes it. */
  readonly minor: string;
  /** GODEBUG for what the release's own Go does differently from the one that builds it here. */
  readonly godebug: string;
}

/** The oldest release with the current contract and the newest one that the Go toolchain builds. */
export const releases: readonly Release[] = [
  { version: "1.34.4", minor: "1.34", godebug: "urlstrictcolons=0" },
  { version: "1.37.0", minor: "1.37", godebug: "" },
];
