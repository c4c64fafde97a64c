import { ApiError } from "../gateway/apiError.ts";
import type { OidcProvider } from "../model/world.ts";
import type { State } from "../state.ts";

export interface OidcClaims {
  iss: string;
  sub: string;
  aud: string[];
  iat: number;
  exp: number;
}

/** Checks a token as STS does; throws the codes of facts 6.2. Which check comes first is an assumption. */
export function checkOidcToken(state: State, provider: OidcProvider, token: string): OidcClaims {
  const claims = readClaims(token);
  if (claims.iss !== provider.issuer) {
    throw fail("IssuerNotMatch", "The issuer of the OIDC token does not match the OIDC provider.");
  }
  if (provider.reachable === false) {
    throw fail("IssuerConfigurationBroken", "The configuration of the OIDC issuer cannot be fetched.");
  }
  if (provider.fingerprintMatches === false) {
    throw fail("PublicKeyFingerprintMismatch", "The fingerprint of the issuer's CA does not match.");
  }
  if (!state.oidcIssuers.verifies(provider, token))
    throw fail("Invalid", "The signature of the OIDC token is invalid.");
  if (!claims.aud.some((audience) => provider.clientIds.includes(audience))) {
    throw fail("AudienceNotMatch", "The audience of the OIDC token does not match the client IDs.");
  }
  const now = state.clock.now() / 1000;
  const oldest = now - (provider.issuanceLimitHours ?? 12) * 3600;
  if (claims.exp <= now || claims.iat < oldest) throw fail("Expired", "This JWT has expired.");
  return claims;
}

function readClaims(token: string): OidcClaims {
  if (token.length < 4 || token.length > 20_000) throw fail("Invalid", "The OIDC token is malformed.");
  try {
    const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as OidcClaims;
    const { iss, sub, iat, exp } = claims;
    const wellFormed =
      token.split(".").length === 3 &&
      [iss, sub].every((claim) => typeof claim === "string") &&
      [iat, exp].every((claim) => typeof claim === "number");
    if (wellFormed) return { iss, sub, iat, exp, aud: [claims.aud].flat() };
  } catch {
    // answered below
  }
  throw fail("Invalid", "The OIDC token is malformed.");
}

function fail(code: string, message: string): ApiError {
  return new ApiError(400, `AuthenticationFail.OIDCToken.${code}`, message);
}
