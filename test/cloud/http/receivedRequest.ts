import type { IncomingMessage } from "node:http";
import { decodePairs } from "../signature/encoding.ts";

/** What a listener stands for; `api` serves ACR and STS by the Host header, as one address for both. */
export type ListenerRole = "acr" | "sts" | "api" | "metadata" | "credentialsUri";

export interface ReceivedRequest {
  listener: ListenerRole;
  /** Over TLS. */
  secure: boolean;
  method: string;
  /** The request target as sent. */
  target: string;
  path: string;
  rawQuery: string;
  host: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  /** Names that came more than once. */
  repeatedHeaders: string[];
  body: Buffer;
}

/** 1 MiB; nothing an honest client sends is near it. */
export const maxBodyBytes = 1024 * 1024;

/** Reads a request to its end; `undefined` if the body is larger than `maxBodyBytes`. */
export async function receive(
  message: IncomingMessage,
  listener: ListenerRole,
  secure: boolean,
): Promise<ReceivedRequest | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of message) {
    length += (chunk as Buffer).length;
    if (length > maxBodyBytes) return undefined;
    chunks.push(chunk as Buffer);
  }
  const target = message.url ?? "/";
  const queryAt = target.indexOf("?");
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers))
    headers[name] = [value ?? ""].flat().join(", ");
  return {
    listener,
    secure,
    method: message.method ?? "GET",
    target,
    path: queryAt < 0 ? target : target.slice(0, queryAt),
    rawQuery: queryAt < 0 ? "" : target.slice(queryAt + 1),
    host: headers.host ?? "",
    headers,
    repeatedHeaders: repeated(message.rawHeaders),
    body: Buffer.concat(chunks),
  };
}

/** Name and value pairs of the query, then of a form body; broken escapes are left as they are. */
export function parameterPairs(request: ReceivedRequest): [string, string][] {
  return [...pairsOf(request.rawQuery), ...formPairs(request)];
}

/** Pairs of a form body; none for any other body. */
export function formPairs(request: ReceivedRequest): [string, string][] {
  const isForm = request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded");
  return isForm ? pairsOf(request.body.toString("utf8")) : [];
}

/** Pairs of a raw query; broken escapes are left as they are. */
export function pairsOf(raw: string): [string, string][] {
  try {
    return decodePairs(raw);
  } catch {
    return [...new URLSearchParams(raw)];
  }
}

function repeated(rawHeaders: string[]): string[] {
  const names = rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
