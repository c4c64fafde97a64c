import type { Run } from "../run/run.ts";
import type { Endpoint } from "./endpoints.ts";

/** A few hours: long enough to spare most runs the wait for a black hole, short enough to follow a network that was fixed. */
const REMEMBERED_MS = 4 * 60 * 60 * 1000;

interface Reached {
  readonly url: string;
}

/** The endpoints with the one in front that could be reached the last time. */
export async function lastReachedFirst(
  run: Run,
  endpoints: readonly Endpoint[],
): Promise<readonly Endpoint[]> {
  if (endpoints.length < 2) return endpoints;
  const entry = await run.cache.get("endpoint", keyOf(endpoints), isReached);
  const reached = endpoints.find(({ url }) => url === entry?.value.url);
  return reached === undefined ? endpoints : [reached, ...endpoints.filter((other) => other !== reached)];
}

/** Remembers which of the endpoints answered, for `lastReachedFirst` of the same endpoints in the same order. */
export async function rememberReached(
  run: Run,
  endpoints: readonly Endpoint[],
  reached: Endpoint,
): Promise<void> {
  const value: Reached = { url: reached.url };
  const subject = { host: new URL(reached.url).host };
  await run.cache.put("endpoint", keyOf(endpoints), value, run.now() + REMEMBERED_MS, subject);
}

function keyOf(endpoints: readonly Endpoint[]): string {
  return endpoints.map(({ url }) => url).join(" ");
}

function isReached(value: unknown): value is Reached {
  return typeof (value as Partial<Reached> | null)?.url === "string";
}
