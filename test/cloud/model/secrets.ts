import type { State } from "../state.ts";

/** Every secret of the cloud: key secrets, security tokens, registry passwords, JWTs, metadata tokens. */
export function knownSecrets(state: State): string[] {
  const { world, sessions, registryTokens, metadataTokens, oidcIssuers } = state;
  const keys = world.accounts.flatMap(({ users }) => users.flatMap(({ accessKeys }) => accessKeys));
  return [
    ...keys.map(({ secret }) => secret),
    ...sessions.all().flatMap(({ accessKeySecret, securityToken }) => [accessKeySecret, securityToken]),
    ...registryTokens.issued.map(({ password }) => password),
    ...metadataTokens.issued.keys(),
    ...oidcIssuers.issued,
  ];
}
