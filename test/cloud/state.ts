import type { RegistryTokens } from "./acr/registryTokens.ts";
import type { Nonces } from "./gateway/nonces.ts";
import type { Clock } from "./model/clock.ts";
import type { Sessions } from "./model/sessions.ts";
import type { World } from "./model/world.ts";
import type { MetadataTokens } from "./node/metadata.ts";
import type { OidcIssuers } from "./sts/oidcIssuer.ts";

/** Everything the services of one simulated cloud share. */
export interface State {
  world: World;
  clock: Clock;
  sessions: Sessions;
  nonces: Nonces;
  registryTokens: RegistryTokens;
  metadataTokens: MetadataTokens;
  oidcIssuers: OidcIssuers;
}
