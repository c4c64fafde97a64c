import { Failure } from "../failure/failure.ts";
import type { Answer } from "../openapi/transport.ts";
import type { Run } from "../run/run.ts";
import { bounded, oneLine, shortened } from "../text/foreignText.ts";
import { parseJsonObject } from "../text/json.ts";

const MAX_MESSAGE_LENGTH = 200;

/**
 * An answer of a registry, or of its token server, that is not the one wanted, as a Failure. Its code is the first of
 * the registry's own (`NAME_UNKNOWN`, `MANIFEST_UNKNOWN`, `DENIED`, …), else `Http404` and its like:
 * https://distribution.github.io/distribution/spec/api/#errors-2
 */
export function registryFailure(run: Run, host: string, what: string, answer: Answer): Failure {
  const { code, message } = firstError(answer);
  const isCode = code !== undefined && /^[A-Z_]{1,60}$/.test(code) && run.secrets.isHarmless(code);
  const text = run.secrets.redact(oneLine(bounded(message ?? "")));
  const said = [isCode ? code : "", text].filter(Boolean).join(": ");
  const saying = said === "" ? "" : ` (${shortened(said, MAX_MESSAGE_LENGTH)})`;
  return new Failure(`${what}: ${host} answers HTTP ${answer.status}${saying}`, {
    code: isCode ? code : `Http${answer.status}`,
    httpStatus: answer.status,
    endpoint: host,
    transient: answer.status >= 500 || answer.status === 429,
  });
}

/** Registries answer `{errors: [{code, message}]}`, token servers also `{details}`, `{error}` or `{message}`. */
function firstError({ body }: Answer): { code?: string; message?: string } {
  const answer = parseJsonObject(body) ?? {};
  const [first] = Array.isArray(answer.errors) ? answer.errors : [];
  const { code, message } = (first ?? {}) as { code?: unknown; message?: unknown };
  const said = [message, answer.details, answer.message, answer.error].find(
    (text) => typeof text === "string",
  );
  return {
    ...(typeof code === "string" ? { code } : {}),
    ...(typeof said === "string" ? { message: said } : {}),
  };
}
