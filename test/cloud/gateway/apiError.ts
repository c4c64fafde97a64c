/** A refusal as the OpenAPI gateway answers it: an HTTP status and a `Code`. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: Record<string, unknown>;

  constructor(status: number, code: string, message: string, details: Record<string, unknown> = {}) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** A refusal by ACR itself: HTTP 200 with `IsSuccess: false` (facts 3.1). */
export class BusinessError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "BusinessError";
    this.code = code;
  }
}

/** 404 `EntityNotExist.Role` */
export const roleNotExist = (): ApiError =>
  new ApiError(404, "EntityNotExist.Role", "The specified role does not exist.");

/** 400 `InvalidParameter.NAME` */
export const invalidParameter = (name: string, reason: string): ApiError =>
  new ApiError(400, `InvalidParameter.${name}`, `The parameter ${name} is wrongly formed. ${reason}`);

/** 400 `MissingNAME`: a mandatory parameter was not given. */
export const missingParameter = (name: string): ApiError =>
  new ApiError(400, `Missing${name}`, `${name} is mandatory for this action.`);
