import { Failure } from "../failure/failure.ts";
import type { Identity, RamCredentials } from "./identity.ts";

/** What the APIs answer when the credentials themselves no longer count, whatever they would permit. */
const refusedCredentials = /^(InvalidAccessKeyId|InvalidSecurityToken|SecurityTokenExpired|SecurityToken\.)/;

/**
 * Uses an identity's credentials. When the API does not accept kept ones (a role was deleted and made again, its
 * sessions revoked), they are forgotten and the use is tried once more with new ones.
 */
export async function withCredentials<Value>(
  identity: Identity,
  use: (credentials: RamCredentials) => Promise<Value>,
): Promise<Value> {
  const credentials = await identity.credentials();
  try {
    return await use(credentials);
  } catch (error) {
    if (!(error instanceof Failure) || !refusedCredentials.test(error.code) || identity.forget === undefined)
      throw error;
    await identity.forget();
    const renewed = await identity.credentials();
    if (renewed.accessKeyId === credentials.accessKeyId) throw error;
    return use(renewed);
  }
}
