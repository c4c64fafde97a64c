import type { Reply } from "../http/reply.ts";
import { isoSeconds } from "../model/clock.ts";

type Json = Record<string, unknown>;

/** Sets and removes fields, named by dotted paths, of a JSON answer. */
export function withFields(reply: Reply, set: Json, remove: string[]): Reply {
  return rewritten(reply, (body) => {
    for (const [path, value] of Object.entries(set)) {
      const [parent, name] = placeOf(body, path);
      parent[name] = value;
    }
    for (const path of remove) {
      const [parent, name] = placeOf(body, path);
      delete parent[name];
    }
    return body;
  });
}

/** Makes every number and boolean a string and every string a number. */
export function swapTypes(reply: Reply): Reply {
  return rewritten(reply, swapped);
}

/** Sets whatever expiry the answer has to the given time (epoch milliseconds). */
export function expireIn(reply: Reply, at: number): Reply {
  return rewritten(reply, (body) => {
    const { data, Credentials } = body as { data?: Json; Credentials?: Json };
    if ("ExpireTime" in body) body.ExpireTime = at;
    if ("Expiration" in body) body.Expiration = isoSeconds(at);
    if (Credentials) Credentials.Expiration = isoSeconds(at);
    if (data) data.expireDate = at;
    return body;
  });
}

function rewritten(reply: Reply, change: (body: Json) => unknown): Reply {
  try {
    return { ...reply, body: JSON.stringify(change(JSON.parse(reply.body.toString()))) };
  } catch {
    return reply;
  }
}

function placeOf(body: Json, path: string): [parent: Json, name: string] {
  const names = path.split(".");
  const last = names.pop() ?? "";
  let parent = body;
  for (const name of names) {
    const inner = parent[name] ?? {};
    parent[name] = inner;
    parent = inner as Json;
  }
  return [parent, last];
}

function swapped(value: unknown): unknown {
  if (typeof value === "string") return 42;
  if (Array.isArray(value)) return value.map(swapped);
  if (typeof value !== "object" || value === null) return String(value);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, swapped(inner)]));
}
