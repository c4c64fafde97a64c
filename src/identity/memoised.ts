import type { Identity } from "./identity.ts";

/** The identity with its credentials obtained once, however often they are asked for in a run, until it forgets them. */
export function memoised(identity: Identity): Identity {
  let kept: ReturnType<Identity["credentials"]> | undefined;
  const forget = async () => {
    kept = undefined;
    await identity.forget?.();
  };
  return {
    ...identity,
    credentials: () => {
      kept ??= identity.credentials();
      return kept;
    },
    ...(identity.forget === undefined ? {} : { forget }),
  };
}
