import { usageFailure } from "../failure/failure.ts";
import { logLevels } from "../log/runLine.ts";

interface Flag {
  readonly type: StringConstructor | BooleanConstructor | [StringConstructor];
  /** What stands for its value in the help. */
  readonly value?: string;
  readonly help: string;
}

/** Every flag there is; each command says which ones it takes. */
export const flags = {
  "--config": {
    type: String,
    value: "FILE",
    help: "config file (default $ALIYUN_ACR_CREDENTIAL_PROVIDER_CONFIG, else /etc/aliyun-acr-credential-provider/config.yaml)",
  },
  "--log-file": { type: String, value: "FILE", help: "write one JSON line per run to this file" },
  "--log-level": { type: String, value: "LEVEL", help: logLevels.join(", ") },
  "--output": { type: String, value: "FORMAT", help: "text or json" },
  "--fetch": { type: Boolean, help: "obtain the token as well, over the network" },
  "--node": {
    type: Boolean,
    help: "check as well what the config names on this node: files, folders, certificates",
  },
  "--offline": { type: Boolean, help: "send nothing anywhere" },
  "--service-account": {
    type: String,
    value: "NS/NAME",
    help: "as if the kubelet had sent this service account",
  },
  "--annotation": { type: [String], value: "K=V", help: "as if the service account had it (repeatable)" },
  "--token-file": { type: String, value: "FILE", help: "as if the kubelet had sent the token in this file" },
  "--kubernetes": { type: String, value: "VERSION", help: "the kubelet's release, such as 1.34" },
  "--name": {
    type: String,
    value: "NAME",
    help: "the provider's name, which is that of its executable on the node (default aliyun-acr-credential-provider)",
  },
  "--config-on-node": {
    type: String,
    value: "PATH",
    help: "where the config is on the node (default: where it is read here)",
  },
  "--kubelet-config": {
    type: String,
    value: "PATH",
    help: "the kubelet's CredentialProviderConfig, file or directory, instead of the running kubelet's",
  },
  "--bin-dir": { type: String, value: "DIR", help: "the kubelet's bin directory for credential providers" },
  "--profile": {
    type: String,
    value: "NAME",
    help: "how this node runs its kubelet: kubeadm, k3s, rke2, microk8s, or files (default: found out)",
  },
  "--root": { type: String, value: "DIR", help: "the node's / (default /), such as a mounted host" },
  "--provider": {
    type: String,
    value: "FILE",
    help: "a CredentialProviderConfig with this provider, instead of what kubelet-config prints",
  },
  "--from-image": {
    type: String,
    value: "IMAGE",
    help: "the image that this runs from: refused where the kubelet would need this provider to pull it",
  },
  "--require-running": {
    type: Boolean,
    help: "fail unless the kubelet runs with it in the end, and is healthy",
  },
  "--no-restart": { type: Boolean, help: "do not restart the kubelet" },
  "--dry-run": { type: Boolean, help: "print the differences and change nothing" },
  "--force": { type: Boolean, help: "also replace or remove what was changed by hand, or rejected before" },
  "--write-keys": { type: String, value: "DIR", help: "write AccessKey files (0600) into this directory" },
  "--renew-before": {
    type: String,
    value: "DURATION",
    help: "renew tokens with less than this left, such as 38m; without operands those that the node has",
  },
  "--help": { type: Boolean, help: "print help" },
  "--version": { type: Boolean, help: "print the version" },
} as const satisfies Record<string, Flag>;

export type FlagName = keyof typeof flags;

/** The flags of one invocation: a switch is true, a repeatable flag a list. */
export type FlagValues = Partial<Record<FlagName, string | boolean | string[]>>;

/** The value of `--output`, `text` by default. @throws Failure `Usage` for any other word. */
export function outputFormat(flags: FlagValues): "text" | "json" {
  const { "--output": format = "text" } = flags;
  if (format === "text" || format === "json") return format;
  throw usageFailure(`--output ${format} is not a format`, "use text or json");
}
