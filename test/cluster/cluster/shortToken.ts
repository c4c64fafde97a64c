import { waitFor } from "../../kubelet/node/service.ts";
import type { Cluster } from "./cluster.ts";

/**
 * A life of registry tokens (`world.tokenLifeMs`) that is short enough to wait for their end, in milliseconds. Where a
 * busy machine takes longer than that for a pull, the kubelet pulls again with the next token.
 */
export const shortLifeMs = 4_000;

/** Waits until the registries no longer accept the token that was issued last. */
export async function endOfToken({ cloud }: Cluster): Promise<void> {
  const { username = "", password = "" } = cloud.issuedTokens.at(-1) ?? {};
  await waitFor("end of the token", () => cloud.acceptsRegistryLogin(username, password) === undefined);
}
