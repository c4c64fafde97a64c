import { parse } from "yaml";
import { executable } from "../setup/paths.ts";
import type { Release } from "../setup/releases.ts";

export const providerName = "aliyun-acr-credential-provider";

export interface TokenAttributes {
  readonly serviceAccountTokenAudience: string;
  readonly cacheType: "Token" | "ServiceAccount";
  readonly requireServiceAccount: boolean;
  readonly requiredServiceAccountAnnotationKeys?: readonly string[];
  readonly optionalServiceAccountAnnotationKeys?: readonly string[];
}

/** One provider of a CredentialProviderConfig. */
export interface Provider {
  readonly name: string;
  readonly apiVersion: string;
  readonly matchImages: readonly string[];
  readonly defaultCacheDuration: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly tokenAttributes?: TokenAttributes;
}

/** What `kubelet-config` prints for this config and this release of Kubernetes. */
export function printedKubeletConfig(configFile: string, release: Release): string {
  const command = [executable, "kubelet-config", "--config", configFile, "--kubernetes", release.minor];
  const { exitCode, stdout, stderr } = Bun.spawnSync(command);
  if (exitCode !== 0) throw new Error(`kubelet-config: ${stderr}`);
  return stdout.toString();
}

/** A difference of `tokenAttributes` is laid over those that are printed. */
export type Different = Partial<Omit<Provider, "tokenAttributes">> & {
  readonly tokenAttributes?: Partial<TokenAttributes>;
};

/** The printed config with what a test wants different; it remains YAML, of which JSON is a part. */
export function changedKubeletConfig(printed: string, { tokenAttributes, ...different }: Different): string {
  const config = parse(printed) as { readonly providers: readonly Provider[] };
  const providers = config.providers.map((provider) => ({
    ...provider,
    ...different,
    ...(tokenAttributes && { tokenAttributes: { ...provider.tokenAttributes, ...tokenAttributes } }),
  }));
  return JSON.stringify({ ...config, providers });
}

export function patternsOf(kubeletConfig: string): readonly string[] {
  const { providers } = parse(kubeletConfig) as { readonly providers: readonly Provider[] };
  return providers.flatMap(({ matchImages }) => matchImages);
}
