import { Failure } from "../failure/failure.ts";
import type { Run } from "../run/run.ts";
import { parseJsonObject } from "../text/json.ts";
import { type Challenge, realmUrl } from "./challenge.ts";
import { registryFailure } from "./registryFailure.ts";
import { askRegistry, type Repository } from "./repository.ts";

export interface RegistryCredentials {
  readonly username: string;
  readonly password: string;
}

/** What lets in, and what it lets do. */
export interface Grant {
  /** The `Authorization` header for the registry. */
  readonly authorization: string;
  /** What the token says that it allows with the repository; undefined where it does not say. */
  readonly actions?: readonly string[];
}

/**
 * Exchanges credentials for what the registry takes: a bearer token for pulling from the repository, asked for at the
 * challenge's realm as runtimes do (https://distribution.github.io/distribution/spec/auth/token/), or the credentials
 * themselves where it wants Basic authentication. The secrets are known to the sinks at once.
 * @throws Failure of the network, `RealmInvalid`, `BearerTokenMissing`, or the realm's refusal.
 */
export async function authorize(
  run: Run,
  challenge: Challenge,
  { name }: Repository,
  { username, password }: RegistryCredentials,
): Promise<Grant> {
  const basic = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  run.secrets.add(password, basic.slice("Basic ".length));
  if (challenge.scheme === "basic") return { authorization: basic };
  const url = realmUrl(challenge);
  if (challenge.service !== undefined) url.searchParams.set("service", challenge.service);
  url.searchParams.set("scope", `repository:${name}:pull`);
  const answer = await askRegistry(run, url.href, { authorization: basic });
  if (answer.status !== 200)
    throw registryFailure(run, url.host, "exchange the credentials for a token", answer);
  const { token, access_token: accessToken } = parseJsonObject(answer.body) ?? {};
  const bearer = [token, accessToken].find((text) => typeof text === "string" && /^[\x21-\x7e]+$/.test(text));
  if (typeof bearer !== "string") throw tokenMissing(url.host);
  run.secrets.add(bearer);
  const actions = actionsOf(bearer, name);
  return { authorization: `Bearer ${bearer}`, ...(actions === undefined ? {} : { actions }) };
}

function tokenMissing(host: string): Failure {
  return new Failure(`exchange the credentials for a token: the answer of ${host} holds none`, {
    code: "BearerTokenMissing",
    endpoint: host,
    remedy: `check what answers at ${host} (proxy, login page)`,
  });
}

/** The claim `access` of a JWT: https://distribution.github.io/distribution/spec/auth/jwt/ */
function actionsOf(bearer: string, repository: string): readonly string[] | undefined {
  const payload = Buffer.from(bearer.split(".")[1] ?? "", "base64url").toString("utf8");
  const claims = parseJsonObject(payload);
  if (claims === undefined || !("access" in claims)) return undefined;
  const access = Array.isArray(claims.access) ? claims.access : [];
  const granted = access.flatMap((item: { type?: unknown; name?: unknown; actions?: unknown } | null) =>
    item?.type === "repository" && item.name === repository && Array.isArray(item.actions)
      ? item.actions
      : [],
  );
  return granted.filter((action) => typeof action === "string" && /^[\w*]{1,20}$/.test(action));
}
