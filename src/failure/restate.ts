import { type ApiDetails, Failure } from "./failure.ts";

/** The same failure in other words: what `changes` does not name stays. */
export function restate(
  failure: Failure,
  changes: ApiDetails & { message?: string; remedy?: string },
): Failure {
  const { message = failure.message, remedy = failure.remedy, ...details } = changes;
  return new Failure(message, {
    code: failure.code,
    exitStatus: failure.exitStatus,
    transient: failure.transient,
    ...failure.details,
    ...details,
    ...(remedy === undefined ? {} : { remedy }),
    cause: failure.cause,
  });
}
