import { flagValues } from "./commandFlags.ts";
import type { KubeletCommand } from "./kubeletCommand.ts";
import type { ProcessFiles } from "./processFiles.ts";

/** What of the kubelet's settings matters here, of its flags and its KubeletConfiguration. */
export interface KubeletSettings {
  /** Its own port, with TLS. */
  readonly port: number;
  /** 0: none. */
  readonly readOnlyPort: number;
  /** The feature gate KubeletServiceAccountTokenForCredentialProviders, where it is set. */
  readonly serviceAccountTokens?: boolean;
}

const GATE = "KubeletServiceAccountTokenForCredentialProviders";
/** `port` of KubeletConfiguration by default; the read-only port is off then. */
const PORT = 10250;

/** The settings of a kubelet; flags go over its config file. What cannot be read counts as not set. */
export async function kubeletSettings(
  command: KubeletCommand,
  files: ProcessFiles,
): Promise<KubeletSettings> {
  const words = command.words.flatMap((source) => source.words);
  const file = flagValues(words, "config").at(-1);
  const configured = file === undefined ? {} : await configurationIn(file, files);
  const port = (flag: string, setting: unknown, otherwise: number) => {
    const value = Number(flagValues(words, flag).at(-1) ?? setting ?? otherwise);
    return Number.isInteger(value) && value >= 0 && value < 65_536 ? value : otherwise;
  };
  const gate = gateOf(flagValues(words, "feature-gates"), configured.featureGates);
  return {
    port: port("port", configured.port, PORT),
    readOnlyPort: port("read-only-port", configured.readOnlyPort, 0),
    ...(gate === undefined ? {} : { serviceAccountTokens: gate }),
  };
}

/** `--feature-gates=A=true,B=false`, each of several flags. */
function gateOf(flags: readonly string[], configured: unknown): boolean | undefined {
  const set = flags.flatMap((flag) => flag.split(",")).findLast((one) => one.startsWith(`${GATE}=`));
  if (set !== undefined) return set.slice(GATE.length + 1).toLowerCase() === "true";
  const value = (configured as Record<string, unknown> | null | undefined)?.[GATE];
  return typeof value === "boolean" ? value : undefined;
}

async function configurationIn(file: string, files: ProcessFiles): Promise<Record<string, unknown>> {
  const { parse } = await import("yaml");
  try {
    const value: unknown = parse(Buffer.from(files.read(file)).toString("utf8"));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
