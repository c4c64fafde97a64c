import { Failure } from "../failure/failure.ts";
import type { ProviderConfig } from "./config.ts";
import { exposureOf, type FileOptions, type FoundFile, findConfigFile } from "./configFile.ts";
import { type ConfigSource, nativeSource, secretsOf } from "./configSource.ts";
import { formatProblem, type Path, type Problem } from "./problem.ts";
import { type CheckedConfig, checkConfig } from "./validation/checkConfig.ts";
import { readPlainYaml } from "./yaml/plainYaml.ts";

export interface LoadOptions extends FileOptions {
  /** Hears every secret of the file before anything is checked or reported. */
  onSecret?(value: string): void;
}

export interface Validation extends CheckedConfig {
  /** The file that was checked; undefined: there is none, the built-in defaults apply. */
  readonly file?: string;
  /** A path of the native config as the file spells it, and its line. */
  locate(path: Path): Pick<Problem, "path" | "line">;
}

/** This many problems go into the one line of a failure; `config validate` shows all. */
const PROBLEMS_IN_A_LINE = 3;

/**
 * The effective config: of the file that `--config` names, else `$ALIYUN_ACR_CREDENTIAL_PROVIDER_CONFIG`, else
 * `/etc/aliyun-acr-credential-provider/config.yaml`; where that default file does not exist, the built-in defaults.
 * @throws Failure `ConfigInvalid` (exit status 2): a named file that is missing, or what is wrong and where.
 */
export async function loadConfig(options: LoadOptions): Promise<ProviderConfig> {
  return configOf(findConfigFile(options), options);
}

/** The effective config of a file that was found. @throws Failure `ConfigInvalid` (exit status 2). */
export async function configOf(
  found: FoundFile,
  options: Pick<LoadOptions, "onSecret">,
): Promise<ProviderConfig> {
  const quick = found.content === undefined ? defaults() : plainSource(found.content.text);
  if (quick !== undefined) {
    const { config } = await checkFile(found, quick, options);
    if (config !== undefined) return config;
  }
  const { config, errors, file } = await validateFile(found, options);
  if (config !== undefined) return config;
  const shown = errors.slice(0, PROBLEMS_IN_A_LINE).map(formatProblem);
  const more = errors.length - shown.length;
  if (more > 0) shown.push(`and ${more} more`);
  throw new Failure(`read config ${file ?? "defaults"}: ${shown.join("; ")}`, {
    code: "ConfigInvalid",
    exitStatus: 2,
    remedy: `fix the file; "aliyun-acr-credential-provider config validate ${file ?? ""}" checks it`,
  });
}

/**
 * All that is wrong (errors) or odd (warnings) with the config that `loadConfig` would take, each with path and line.
 * @throws Failure `ConfigInvalid` (exit status 2) when there is no file to check or it cannot be read.
 */
export async function validateConfig(options: LoadOptions): Promise<Validation> {
  return validateFile(findConfigFile(options), options);
}

async function validateFile(found: FoundFile, options: Pick<LoadOptions, "onSecret">): Promise<Validation> {
  if (found.content === undefined) return checkFile(found, defaults(), options);
  const { readSource } = await import("./readSource.ts");
  const { placeholdersIn } = await import("./validation/placeholders.ts");
  const source = await readSource(found.content.text);
  const checked = await checkFile(found, source, options);
  const refused = new Set(checked.errors.map(({ path }) => path));
  const placeholders = placeholdersIn(source).filter(({ path }) => !refused.has(path));
  return { ...checked, warnings: [...checked.warnings, ...placeholders] };
}

async function checkFile(
  { file, content }: FoundFile,
  source: ConfigSource,
  { onSecret }: Pick<LoadOptions, "onSecret">,
): Promise<Validation> {
  const locate = (path: Path) => source.locate(path);
  if (content === undefined) return { ...(await checkConfig(source, undefined)), locate };
  const secrets = secretsOf(source);
  for (const value of secrets) onSecret?.(value);
  const exposure = exposureOf(file, content, secrets.length > 0);
  const errors = [...exposure.errors, ...source.errors];
  const warnings = [...exposure.warnings, ...source.warnings];
  return { file, ...(await checkConfig({ ...source, errors, warnings }, file)), locate };
}

/** A native config in plain YAML, without knowing lines; undefined where the real parser is needed. */
function plainSource(text: string): ConfigSource | undefined {
  const input = readPlainYaml(text);
  const kind = (input as { kind?: unknown } | null | undefined)?.kind;
  return kind === "ProviderConfig" ? nativeSource(input) : undefined;
}

/** The config of a node that has no file. */
function defaults(): ConfigSource {
  return nativeSource({ apiVersion: "aliyun-acr-credential-provider/v1", kind: "ProviderConfig" });
}
