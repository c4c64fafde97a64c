/** What is known of the API call behind a failure. Names and numbers only: this is printed. */
export interface ApiDetails {
  /** Action as the API names it, e.g. `GetAuthorizationToken`. */
  readonly api?: string;
  /** Host (and port) that was asked. */
  readonly endpoint?: string;
  readonly httpStatus?: number;
  readonly requestId?: string;
}

export interface FailureOptions extends ApiDetails {
  /** Stable code: the API's own error code where there is one, else ours (`ConfigInvalid`, `Timeout`, …). */
  readonly code: string;
  /** What an operator does about it: an imperative sentence without a full stop. */
  readonly remedy?: string;
  /** 2: wrong usage, wrong config or a malformed request; 1 (default): it could not be done. */
  readonly exitStatus?: 1 | 2;
  /** It was decided that the pod may not pull, by `access` or the rules for annotations; no API was asked. Default false. */
  readonly refused?: boolean;
  /** The same attempt may succeed later without anyone changing anything. Default false. */
  readonly transient?: boolean;
  readonly cause?: unknown;
}

/**
 * The one error type of this program: something could not be done, said as `verb object: cause`
 * in one line without secrets (the sinks redact once more).
 */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly code: string;
  readonly remedy: string | undefined;
  readonly exitStatus: 1 | 2;
  readonly refused: boolean;
  readonly transient: boolean;
  readonly details: ApiDetails;

  constructor(message: string, options: FailureOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    const {
      code,
      remedy,
      exitStatus = 1,
      refused = false,
      transient = false,
      cause: _cause,
      ...details
    } = options;
    this.code = code;
    this.remedy = remedy;
    this.exitStatus = exitStatus;
    this.refused = refused;
    this.transient = transient;
    this.details = details;
  }
}

/** The same failure in other words: what `changes` does not name stays. `orRemedy` is one more way out. */
export function restate(
  failure: Failure,
  changes: ApiDetails & { message?: string; remedy?: string; orRemedy?: string | undefined },
): Failure {
  const { message = failure.message, remedy: first = failure.remedy, orRemedy, ...details } = changes;
  const remedy = [first, orRemedy].filter((one) => one !== undefined).join(", or ");
  return new Failure(message, {
    code: failure.code,
    exitStatus: failure.exitStatus,
    refused: failure.refused,
    transient: failure.transient,
    ...failure.details,
    ...details,
    ...(remedy === "" ? {} : { remedy }),
    cause: failure.cause,
  });
}

/** Wrong usage of a command: exit status 2. */
export function usageFailure(message: string, remedy: string): Failure {
  return new Failure(message, { code: "Usage", exitStatus: 2, remedy });
}

/** Any thrown value as a Failure; what is none is a defect of this program and says so. */
export function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new Failure(`unexpected error: ${text}`, {
    code: "InternalError",
    remedy: "report this as a defect of aliyun-acr-credential-provider",
    cause: error,
  });
}
