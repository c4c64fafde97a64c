import { type Answer, exchange } from "../openapi/transport.ts";
import type { Run } from "../run/run.ts";
import { parseJsonObject } from "../text/json.ts";
import { type Challenge, parseChallenge } from "./challenge.ts";
import { registryFailure } from "./registryFailure.ts";

/** A repository of a registry, and how to be let in. */
export interface Repository {
  /** `host[:port]`. */
  readonly host: string;
  /** `namespace/name`. */
  readonly name: string;
  /** The `Authorization` header; absent: anonymous. */
  readonly authorization?: string;
}

/**
 * Whether a host is a registry that answers, and how it wants to be authorised (undefined: it asks for nothing): `/v2/`.
 * @throws Failure of the network, or of an answer that no registry gives, or by which it turns everyone away (403).
 */
export async function registryChallenge(run: Run, host: string): Promise<Challenge | undefined> {
  const answer = await askRegistry(run, `https://${host}/v2/`, {});
  if (answer.status === 200) return undefined;
  const challenge = parseChallenge(answer.headers.get("www-authenticate"));
  if (answer.status === 401 && challenge !== undefined) return challenge;
  throw registryFailure(run, host, "GET /v2/", answer);
}

/**
 * Some of a repository's tags, as the registry orders them.
 * @throws Failure; `NAME_UNKNOWN` where the registry has no such repository.
 */
export async function listTags(run: Run, repository: Repository): Promise<readonly string[]> {
  const { host, name } = repository;
  const path = `/v2/${name}/tags/list`;
  const answer = await askRegistry(run, `https://${host}${path}?n=1000`, authorized(repository));
  if (answer.status !== 200) throw registryFailure(run, host, `GET ${path}`, answer);
  const { tags } = parseJsonObject(answer.body) ?? {};
  return Array.isArray(tags)
    ? tags.filter((tag) => typeof tag === "string" && /^[\w.-]{1,128}$/.test(tag))
    : [];
}

/** The header by which a repository lets in. */
export function authorized({ authorization }: Repository): Record<string, string> {
  return authorization === undefined ? {} : { authorization };
}

/** One GET of a registry within the time of one request. A redirect is an answer. @throws Failure of the network. */
export function askRegistry(
  run: Run,
  url: string,
  headers: Record<string, string>,
  firstBytes?: number,
): Promise<Answer> {
  return exchange(run, {
    method: "GET",
    url,
    headers,
    timeoutMs: run.config.timeouts.requestMs,
    proxy: "environment",
    takesRedirects: true,
    ...(firstBytes === undefined ? {} : { firstBytes }),
  });
}
