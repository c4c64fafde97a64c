import type { CredentialProvider } from "../../../src/kubelet/credentialProviderConfig/credentialProvider.ts";
import { parseGoDuration } from "../../../src/kubelet/credentialProviderConfig/goDuration.ts";
import { harnessOf } from "../setup/paths.ts";
import type { Release } from "../setup/releases.ts";
import { startLineProcess } from "./lineProcess.ts";

/** What the kubelet's own code makes of a config. */
export interface KubeletVerdict {
  readonly accepted: boolean;
  readonly error?: string;
  readonly providers: readonly ComparableProvider[];
  readonly hash: string;
}

/** A provider without what only our port knows: where it is. */
export type ComparableProvider = Omit<CredentialProvider, "file" | "index" | "line" | "patternLines">;

/** The kubelet's functions for its config, in a process of their own. */
export interface KubeletConfigs {
  /** `path`: a file or a directory. */
  judge(path: string): Promise<KubeletVerdict>;
  stop(): Promise<void>;
}

export function startKubeletConfigs(release: Release): KubeletConfigs {
  const { godebug } = release;
  const kubelet = startLineProcess([harnessOf(release), "configs"], { cwd: "/", env: { GODEBUG: godebug } });
  return {
    async judge(path) {
      const answer = await kubelet.ask<Answer>({ path, serviceAccountTokens: true });
      return { ...answer, providers: (answer.providers ?? []).map(comparable) };
    },
    stop: kubelet.stop,
  };
}

interface Answer extends Omit<KubeletVerdict, "providers"> {
  readonly providers: readonly GoProvider[] | null;
}

/** The kubelet's internal type, in Go's JSON. */
interface GoProvider {
  readonly Name: string;
  readonly APIVersion: string;
  readonly MatchImages: readonly string[];
  readonly DefaultCacheDuration: string;
  readonly Args: readonly string[] | null;
  readonly Env: readonly { readonly Name: string; readonly Value: string }[] | null;
  readonly TokenAttributes: {
    readonly ServiceAccountTokenAudience: string;
    readonly CacheType: string;
    readonly RequireServiceAccount: boolean;
    readonly RequiredServiceAccountAnnotationKeys: readonly string[] | null;
    readonly OptionalServiceAccountAnnotationKeys: readonly string[] | null;
  } | null;
}

function comparable(provider: GoProvider): ComparableProvider {
  const tokens = provider.TokenAttributes;
  return {
    name: provider.Name,
    apiVersion: provider.APIVersion,
    matchImages: provider.MatchImages,
    defaultCacheDuration: parseGoDuration(provider.DefaultCacheDuration) ?? Number.NaN,
    args: provider.Args ?? [],
    env: (provider.Env ?? []).map(({ Name, Value }) => ({ name: Name, value: Value })),
    ...(tokens && {
      tokenAttributes: {
        serviceAccountTokenAudience: tokens.ServiceAccountTokenAudience,
        cacheType: tokens.CacheType,
        requireServiceAccount: tokens.RequireServiceAccount,
        requiredServiceAccountAnnotationKeys: tokens.RequiredServiceAccountAnnotationKeys ?? [],
        optionalServiceAccountAnnotationKeys: tokens.OptionalServiceAccountAnnotationKeys ?? [],
      },
    }),
  };
}
