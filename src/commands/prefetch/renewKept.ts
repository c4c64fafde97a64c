import { type ListedToken, listTokens } from "../../cache/listing.ts";
import { span } from "../../text/span.ts";
import type { Filler } from "./filler.ts";
import { placeOf } from "./placeOf.ts";

/** So many identities of pods are named. */
const MOST_NAMED = 3;

/**
 * Renews the tokens in the cache directory that have less than `renewBelowMs` left. No one is asked for the others, nor
 * for one that has ended, so that what the node has stopped getting is not asked for again and again. Those of pods are
 * said and left. `now`: epoch ms.
 */
export async function renewKept(
  filler: Filler,
  directory: string,
  { renewBelowMs, now, say }: { renewBelowMs: number; now: number; say(line: string): void },
): Promise<void> {
  const tokens = listTokens(directory).filter(({ expiresAt }) => expiresAt > now);
  const due = new Set<string>();
  for (const token of tokens) {
    const { host, expiresAt, identity } = token;
    if (host === undefined) continue;
    if (expiresAt - now < renewBelowMs) due.add(host);
    else say(`${host}: cached token, ${span(expiresAt - now)} left (${placeOf(token)}, as ${identity})`);
  }
  await filler.each(due, (host) => filler.fill(host));
  const pods = tokens.filter(({ host, identity }) => host === undefined && identity !== undefined);
  if (pods.length > 0) say(`${pods.length} of pods: skipped: a pull of the pod renews them (${named(pods)})`);
  if (tokens.length === 0) say("no token is kept: there is nothing to renew");
}

function named(pods: readonly ListedToken[]): string {
  const identities = [...new Set(pods.map(({ identity }) => identity))].sort();
  const rest = identities.length - MOST_NAMED;
  return identities.slice(0, MOST_NAMED).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
