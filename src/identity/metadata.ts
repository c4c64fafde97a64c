import { asFailure, Failure } from "../failure/failure.ts";
import { METADATA_HOST } from "../host/hostName.ts";
import { cannotConnect } from "../openapi/networkFailure.ts";
import { type Outcome, withRetries } from "../openapi/retry.ts";
import { type Answer, attemptExchange } from "../openapi/transport.ts";
import { once, type Run } from "../run/run.ts";
import { oneLine } from "../text/foreignText.ts";

/** The most (ms) that a node without metadata service loses (contract, section 7); answers take single-digit ms. */
const PATIENCE_MS = 1000;
/** For this long (ms) other runs do not wait again for a service that did not answer: it may be coming up. */
const REMEMBERED_MS = 5000;
const MAX_ATTEMPTS = 3;
/** The token serves this one run. */
const TOKEN_TTL_SECONDS = "60";

/**
 * One item of the ECS instance metadata, in hardened mode (v2) only; undefined where it does not exist.
 * `item`: below `/latest/meta-data/`.
 * @throws Failure `MetadataDisabled`, `MetadataUnavailable` (it does not answer) or `MetadataRefused`.
 */
export async function readMetadata(run: Run, item: string): Promise<string | undefined> {
  if (run.env.ALIBABA_CLOUD_ECS_METADATA_DISABLED?.toLowerCase() === "true") {
    throw new Failure("the metadata service is not to be used: ALIBABA_CLOUD_ECS_METADATA_DISABLED is true", {
      code: "MetadataDisabled",
    });
  }
  const known = await once(run, "metadata token", () => tokenOrSilence(run));
  if (known instanceof Failure) throw known;
  const headers = { "x-aliyun-ecs-metadata-token": known };
  const answer = await ask(run, "GET", `/latest/meta-data/${item}`, headers);
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) throw refused(run, answer, item);
  return answer.body.trim();
}

/** Hardened mode's token, or why there is none: a failure is kept as well, so that a run waits once. */
async function tokenOrSilence(run: Run): Promise<string | Failure> {
  try {
    return await requestToken(run);
  } catch (error) {
    return asFailure(error);
  }
}

async function requestToken(run: Run): Promise<string> {
  const known = await run.cache.get("metadata", baseUrl(run), isSilence);
  if (known !== undefined) throw unavailable(known.value.why, " a moment ago");
  const headers = { "x-aliyun-ecs-metadata-token-ttl-seconds": TOKEN_TTL_SECONDS };
  const answer = await ask(run, "PUT", "/latest/api/token", headers);
  const token = answer.body.trim();
  if (answer.status !== 200 || !/^[\x21-\x7e]{1,1024}$/.test(token)) throw refused(run, answer, "a token");
  run.secrets.add(token);
  return token;
}

async function ask(
  run: Run,
  method: "GET" | "PUT",
  path: string,
  headers: Record<string, string>,
): Promise<Answer> {
  const until = run.now() + PATIENCE_MS;
  try {
    return await withRetries(
      run,
      async () => {
        const timeoutMs = Math.max(1, until - run.now());
        const outcome = await attempt(run, { method, path, headers, timeoutMs });
        if ("value" in outcome || !outcome.failure.transient) return outcome;
        const isOver = cannotConnect(outcome.failure) || until - run.now() < PATIENCE_MS / 2;
        if (isOver) throw outcome.failure;
        return outcome;
      },
      MAX_ATTEMPTS,
    );
  } catch (error) {
    if (!(error instanceof Failure) || !error.transient || run.deadline.remaining() <= 0) throw error;
    throw await silence(run, error);
  }
}

async function attempt(
  run: Run,
  request: { method: "GET" | "PUT"; path: string; headers: Record<string, string>; timeoutMs: number },
): Promise<Outcome<Answer>> {
  const { path, ...rest } = request;
  const outcome = await attemptExchange(run, `${request.method} ${path}`, {
    ...rest,
    url: `${baseUrl(run)}${path}`,
    proxy: "never",
  });
  if ("failure" in outcome || !isPassing(outcome.value)) return outcome;
  return { failure: refused(run, outcome.value, path) };
}

interface Silence {
  readonly why: string;
}

/** Remembers that the service does not answer. */
async function silence(run: Run, failure: Failure): Promise<Failure> {
  const value: Silence = { why: failure.message };
  const subject = { host: new URL(baseUrl(run)).host };
  await run.cache.put("metadata", baseUrl(run), value, run.now() + REMEMBERED_MS, subject);
  return unavailable(failure.message, "");
}

function isSilence(value: unknown): value is Silence {
  return typeof (value as Partial<Silence> | null)?.why === "string";
}

function unavailable(why: string, when: string): Failure {
  return new Failure(`the ECS metadata service does not answer: ${oneLine(why)}${when}`, {
    code: "MetadataUnavailable",
    transient: true,
    remedy:
      "on a node that is not on ECS, configure identity.source (such as accessKey or serviceAccountToken) and defaultRegion; on ECS, check that the metadata service is enabled and that no firewall of the node blocks it",
  });
}

function refused(run: Run, answer: Answer, what: string): Failure {
  return new Failure(`the ECS metadata service refuses ${what}: HTTP ${answer.status}`, {
    code: "MetadataRefused",
    transient: isPassing(answer),
    endpoint: new URL(baseUrl(run)).host,
    httpStatus: answer.status,
    remedy:
      "check that this node is an ECS instance whose metadata service is enabled (HttpEndpoint) and that nothing else answers in its place",
  });
}

/** The service has a rate limit, which is not documented. */
function isPassing({ status }: Answer): boolean {
  return status >= 500 || status === 429;
}

function baseUrl(run: Run): string {
  return run.config.endpoints.metadata ?? `http://${METADATA_HOST}`;
}
