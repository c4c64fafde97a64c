import { Failure } from "./failure.ts";

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
