import { ApiError } from "../gateway/apiError.ts";
import { type Answer, authorize, type Call } from "../gateway/call.ts";

/**
 * ACR `2016-06-07` `GET /tokens` (facts 3.2). Behind a loopback address, which names no region, the
 * token serves every region where the account has a Personal Edition.
 */
export function getTokens(call: Call): Answer {
  const caller = authorize(call, "cr:GetAuthorizationToken");
  const { accountId } = caller;
  const { regionId, state } = call;
  const exists = state.world.personalInstances.some(
    (instance) => instance.accountId === accountId && (!regionId || instance.regionId === regionId),
  );
  // The code is an assumption: error bodies of this API are not documented (facts 3.2).
  if (!exists) throw new ApiError(404, "USER_NOT_EXIST", "user is not exist");
  const token = state.registryTokens.issue(caller, { edition: "personal", accountId, regionId });
  return {
    data: {
      authorizationToken: token.password,
      tempUserName: token.username,
      expireDate: Math.floor(token.expiresAt),
    },
  };
}
