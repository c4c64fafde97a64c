import { Failure } from "../failure/failure.ts";
import type { Secrets } from "../log/secrets.ts";
import type { HttpResponse } from "../run/run.ts";
import { bounded, oneLine, shortened } from "../text/foreignText.ts";
import { clockSkew } from "./clockSkew.ts";
import type { Answer } from "./transport.ts";

const MAX_MESSAGE_LENGTH = 300;
const SET_CLOCK = "set the node's clock (NTP)";

/** Which call it was, for messages. */
export interface CalledApi {
  readonly product: string;
  readonly action: string;
  /** Host and port. */
  readonly endpoint: string;
}

/** Whether an answer means that the API did what it was asked: ACR also refuses with HTTP 200 and `IsSuccess: false`. */
export function isSuccess(answer: Answer, body: Record<string, unknown>): boolean {
  const { IsSuccess: flag } = body;
  return answer.status >= 200 && answer.status < 300 && flag !== false && flag !== "false";
}

/**
 * An API's refusal, or an answer that is no API's (`body` undefined), as a Failure with the API's own code. Its
 * message is cut to one sane line.
 */
export function apiFailure(
  api: CalledApi,
  answer: Answer,
  body: Record<string, unknown> | undefined,
  { now, secrets }: { now: number; secrets: Secrets },
): Failure {
  const code = codeOf(body, secrets) ?? `Http${answer.status}`;
  const said = messageOf(body, secrets) ?? `HTTP ${answer.status} without an API's error in it`;
  const skew = clockSkew(answer.headers, code, now);
  const remedy = remedyOf(code, answer.status, api);
  const requestId = requestIdOf(body, answer.headers, secrets);
  return new Failure(
    `${api.action}: ${skew === undefined ? said : `${said.replace(/\.$/, "")}; ${skew.text}`}`,
    {
      code,
      transient: isTransient(answer.status, code),
      remedy: skew === undefined ? remedy : skew.isTheCause ? SET_CLOCK : `${SET_CLOCK}, then ${remedy}`,
      api: api.action,
      endpoint: api.endpoint,
      httpStatus: answer.status,
      ...(requestId !== undefined && secrets.isHarmless(requestId) ? { requestId } : {}),
    },
  );
}

/** Both spellings occur: `Code` with 2018-12-01 and STS, `code` with 2016-06-07. */
function field(body: Record<string, unknown> | undefined, name: string): string | undefined {
  const value = body?.[name] ?? body?.[name[0]?.toLowerCase() + name.slice(1)];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A code or request id is kept between runs, and printed by ones that do not know the secrets of this one. */
function codeOf(body: Record<string, unknown> | undefined, secrets: Secrets): string | undefined {
  const code = field(body, "Code");
  return code !== undefined && /^[\w.:-]{1,100}$/.test(code) && secrets.isHarmless(code) ? code : undefined;
}

function messageOf(body: Record<string, unknown> | undefined, secrets: Secrets): string | undefined {
  // Masked before it is cut, and after control characters have become blanks: else a secret is not recognised.
  const text = secrets.redact(oneLine(bounded(field(body, "Message") ?? "")));
  const own = withoutSignedRequest(text);
  return own === "" ? undefined : shortened(own, MAX_MESSAGE_LENGTH);
}

/** SignatureDoesNotMatch quotes the whole signed request, security token included. */
function withoutSignedRequest(text: string): string {
  const start = text.search(/\b(?:server )?(?:string to sign|StringToSign|CanonicalRequest)\b/i);
  if (start < 0) return text;
  let end = start;
  while (end > 0 && " .,:;".includes(text[end - 1] ?? "")) end--;
  return text.slice(0, end);
}

/** The request id, from the body or the gateway's header, unless it is a part of a secret. Sinks mask a secret in it. */
export function requestIdOf(
  body: Record<string, unknown> | undefined,
  headers: HttpResponse["headers"],
  secrets: Secrets,
): string | undefined {
  const id = field(body, "RequestId") ?? headers.get("x-acs-request-id") ?? "";
  return /^[\w-]{1,100}$/.test(id) && !secrets.isPart(id) ? id : undefined;
}

function isTransient(status: number, code: string): boolean {
  // Comes with 404 or 500 (https://github.com/aliyun/acr-login/issues/19), and is a refusal either way.
  if (code === "USER_NOT_EXIST") return false;
  return (
    status >= 500 || status === 429 || /throttl|^(ServiceUnavailable|InternalError|SystemBusy)/i.test(code)
  );
}

/** The gateway's common codes (https://help.aliyun.com/document_detail/42775.html), the first match counts. */
const remedies: readonly (readonly [RegExp, string])[] = [
  [/^InvalidAccessKeyId\.Inactive/, "enable that AccessKey in RAM or configure another one"],
  [/^InvalidAccessKeyId/, "check the AccessKey ID: it was deleted or mistyped, or its session is over"],
  [
    /^(SignatureDoesNotMatch|IncompleteSignature)/,
    "check the AccessKey secret: it does not belong to the AccessKey ID",
  ],
  [/^MissingSecurityToken/, "configure the security token that belongs to the temporary AccessKey (STS.…)"],
  [
    /^InvalidSecurityToken|^SecurityTokenExpired/,
    "provide new temporary credentials: these are expired or revoked",
  ],
  [
    /throttl/i,
    "wait: the API limits the calls of this account or source; ask for a higher quota if it persists",
  ],
  [
    /^(ServiceUnavailable|InternalError|SystemBusy)/,
    "try again later; if it persists, show Alibaba Cloud the request id",
  ],
  [/^Invalid(Action|Version|Api)/, "check the endpoint: it does not offer this API"],
];

function remedyOf(code: string, status: number, api: CalledApi): string {
  const known = remedies.find(([pattern]) => pattern.test(code));
  if (known !== undefined) return known[1];
  if (/^(NoPermission|Forbidden|AccessDenied|Unauthorized)/i.test(code)) {
    const also = api.product === "cr" ? " (and cr:PullRepository for the pull itself)" : "";
    return `grant ${api.product}:${api.action}${also} to this identity by a RAM policy`;
  }
  if (/^Http\d/.test(code)) {
    return status >= 500
      ? "try again later; check whatever stands between the node and the API"
      : "check the endpoint and whatever stands between the node and it";
  }
  return `look up this code for ${api.action} in Alibaba Cloud's documentation, with the request id`;
}
