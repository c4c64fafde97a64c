import type { PluginRequest } from "./request.ts";

/** What the kubelet gets for a registry of this config. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/**
 * The CredentialProviderResponse, byte for byte, newline included. The kubelet decodes it strictly: only these
 * keys, and `cacheDuration` a Go duration string (pkg/credentialprovider/plugin/plugin.go).
 * `host` is the image's host as it was sent: with `cacheKeyType` Registry the kubelet serves other repositories
 * of the host from the same answer, so the key must cover them all.
 */
export function credentialsAnswer(
  request: PluginRequest,
  host: string,
  { username, password }: Credentials,
  cacheDurationSeconds: number,
): string {
  return answer(request, cacheDurationSeconds, { [host]: { username, password } });
}

/** "Not a registry of this config": the kubelet caches an empty answer too, so it must not outlive this call. */
export function notOursAnswer(request: PluginRequest): string {
  return answer(request, 0, {});
}

function answer(
  request: PluginRequest,
  cacheDurationSeconds: number,
  auth: Record<string, Credentials>,
): string {
  const response = {
    kind: "CredentialProviderResponse",
    apiVersion: request.apiVersion,
    cacheKeyType: "Registry",
    cacheDuration: `${cacheDurationSeconds}s`,
    auth,
  };
  return `${JSON.stringify(response)}\n`;
}
