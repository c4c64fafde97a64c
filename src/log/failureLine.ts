import type { Failure } from "../failure/failure.ts";
import { oneLine } from "../text/foreignText.ts";
import type { Secrets } from "./secrets.ts";

/** Long enough for every cause that this program words itself; foreign texts end here. */
const MAX_LENGTH = 2000;

/** The one line that a failure is on stderr: message, API details, remedy. No newline, no secret. */
export function failureLine(failure: Failure, secrets: Secrets): string {
  const { api, endpoint, httpStatus, requestId } = failure.details;
  const facts = [
    api === undefined ? undefined : `API ${api}`,
    endpoint === undefined ? undefined : `at ${endpoint}`,
    httpStatus === undefined ? undefined : `HTTP ${httpStatus}`,
    `code ${failure.code}`,
    requestId === undefined ? undefined : `request id ${requestId}`,
  ].filter((fact) => fact !== undefined);
  const remedy = failure.remedy === undefined ? "" : `; ${failure.remedy}`;
  const text = `${failure.message} (${facts.join(", ")})${remedy}`;
  return secrets.redact(oneLine(text)).slice(0, MAX_LENGTH);
}
