import { Failure } from "../failure/failure.ts";
import { quoted } from "../text/foreignText.ts";

/** How a registry wants to be authorised, by its `WWW-Authenticate`. */
export interface Challenge {
  readonly scheme: "bearer" | "basic";
  /** bearer: the URL of the server that exchanges credentials for a token. */
  readonly realm: string;
  readonly service?: string;
}

/**
 * Reads a `WWW-Authenticate` header: https://distribution.github.io/distribution/spec/auth/token/
 * Of several challenges the bearer one counts. Undefined where none is of a kind that runtimes know.
 */
export function parseChallenge(header: string | null): Challenge | undefined {
  const parts = (header ?? "").slice(0, 4096).split(/(?:^|,)\s*(bearer|basic)\s+/i);
  const challenges = new Map<string, string>();
  for (let at = 1; at < parts.length; at += 2)
    challenges.set((parts[at] ?? "").toLowerCase(), parts[at + 1] ?? "");
  const bearer = challenges.get("bearer");
  const realm = bearer === undefined ? undefined : parameter(bearer, "realm");
  if (bearer !== undefined && realm !== undefined) {
    const service = parameter(bearer, "service");
    return { scheme: "bearer", realm, ...(service === undefined ? {} : { service }) };
  }
  const basic = challenges.get("basic");
  return basic === undefined ? undefined : { scheme: "basic", realm: parameter(basic, "realm") ?? "" };
}

function parameter(text: string, name: string): string | undefined {
  const match = new RegExp(`(?:^|[,\\s])${name}\\s*=\\s*(?:"([^"]*)"|([^\\s,]+))`, "i").exec(text);
  return match?.[1] ?? match?.[2];
}

/**
 * The URL of a bearer challenge's realm.
 * @throws Failure `RealmInvalid` for what is not an https URL: credentials are not sent in the clear.
 */
export function realmUrl({ realm }: Challenge): URL {
  const url = URL.canParse(realm) ? new URL(realm) : undefined;
  if (url !== undefined && url.protocol === "https:" && url.username === "") return url;
  throw new Failure(`the registry names ${quoted(realm)} as its token realm, which is not an https URL`, {
    code: "RealmInvalid",
    remedy: "check what answers for the registry's name: credentials are sent over https only",
  });
}
