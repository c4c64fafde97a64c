import type { Cloud } from "../../cloud/cloud.ts";

/**
 * The plugin's config as an operator would have it: only that the API's certificates are not the real ones has to be said.
 * @param native what stands beside that. Without: the node's role.
 */
export function pluginConfig({ caFile }: Pick<Cloud, "caFile">, native: object = {}): string {
  const kind = { apiVersion: "aliyun-acr-credential-provider/v1", kind: "ProviderConfig" };
  return JSON.stringify({ ...kind, tls: { caFile }, ...native });
}
