import { subscribe } from "node:diagnostics_channel";
import type { IncomingHttpHeaders } from "node:http";
import type { Socket } from "node:net";
import type { Dispatcher } from "undici";
import api from "undici/lib/api/index.js";
import Agent from "undici/lib/dispatcher/agent.js";
import DispatcherClass from "undici/lib/dispatcher/dispatcher.js";
import ProxyAgent from "undici/lib/dispatcher/proxy-agent.js";
import type { HttpResponse } from "../run/run.ts";
import { environmentAuthorities } from "./environmentAuthorities.ts";
import { codedError } from "./undiciError.ts";

// As undici's own index.js does.
Object.assign(DispatcherClass.prototype, api);

/** Node.js gives up on an address after this, if there are others; its own default, 250 ms, is less than a far region takes. */
const NEXT_ADDRESS_MS = 2000;

/** More than any run's answers together. undici bounds neither a status line nor what is between the chunks of a body. */
const MOST_BYTES = 16 * 1024 * 1024;

// https://github.com/nodejs/undici/blob/main/docs/docs/api/DiagnosticsChannel.md
subscribe("undici:client:connected", (message) => {
  const { socket } = message as { socket: Socket };
  socket.on("readable", () => {
    if (socket.bytesRead > MOST_BYTES) socket.destroy();
  });
});

/** Who keeps the connections, by proxy and authorities. */
const dispatchers = new Map<string, Dispatcher>();

/**
 * What the transport asks of Bun's `fetch`, on Node.js: `proxy`, `tls.ca` in place of the built-in roots, no redirects, nothing
 * decompressed. Neither proxy variables nor NODE_TLS_REJECT_UNAUTHORIZED have a say.
 * @throws Error with a `code` of those that `networkFailure` knows, or the signal's reason.
 */
export async function undiciFetch(url: string, init: BunFetchRequestInit): Promise<HttpResponse> {
  const { origin, pathname, search } = new URL(url);
  const { method = "GET", headers, body, signal } = init;
  try {
    const answer = await unlessAborted(
      signal,
      dispatcherOf(init).request({
        origin,
        path: pathname + search,
        method: method as Dispatcher.HttpMethod,
        // As Bun's has it.
        headers: { accept: "*/*", ...(headers as Record<string, string>) },
        body: (body ?? null) as string | null,
        ...(signal == null ? {} : { signal }),
      }),
    );
    return { status: answer.statusCode, headers: readable(answer.headers), body: bodyOf(answer.body) };
  } catch (error) {
    throw codedError(error);
  }
}

function dispatcherOf({ proxy, tls }: BunFetchRequestInit): Dispatcher {
  const ca = tls?.ca as string | undefined;
  const proxyUrl = typeof proxy === "object" && "url" in proxy ? String(proxy.url) : undefined;
  const key = JSON.stringify([proxyUrl, ca]);
  const dispatcher = dispatchers.get(key) ?? newDispatcher(proxyUrl, ca);
  dispatchers.set(key, dispatcher);
  return dispatcher;
}

function newDispatcher(proxy: string | undefined, ca: string | undefined): Dispatcher {
  const trusted = ca ?? environmentAuthorities(process.env);
  const connect = {
    rejectUnauthorized: true,
    ...(trusted === undefined ? {} : { ca: trusted }),
    // The exchange has its own, in the signal.
    timeout: 0,
    autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS,
  };
  const noTimeouts = { headersTimeout: 0, bodyTimeout: 0 };
  if (proxy === undefined) return new Agent({ ...noTimeouts, connect });
  const { protocol, host, username, password } = new URL(proxy);
  return new ProxyAgent({
    ...noTimeouts,
    uri: `${protocol}//${host}`,
    ...(username === "" ? {} : { token: basic(username, password) }),
    proxyTls: connect,
    requestTls: connect,
    // Only for https, as is usual.
    proxyTunnel: false,
  });
}

/** RFC 7617, of the parts of a URL. */
function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${decoded(username)}:${decoded(password)}`).toString("base64")}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** undici itself hears of the signal only once there is a connection. */
function unlessAborted<T>(signal: AbortSignal | null | undefined, answer: Promise<T>): Promise<T> {
  if (signal == null) return answer;
  const aborted = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  return Promise.race([answer, aborted]);
}

function readable(headers: IncomingHttpHeaders): HttpResponse["headers"] {
  return {
    get(name) {
      const value = headers[name.toLowerCase()];
      return value === undefined ? null : [value].flat().join(", ");
    },
  };
}

function bodyOf(body: Dispatcher.ResponseData["body"]): HttpResponse["body"] {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of body) yield chunk;
    } catch (error) {
      throw codedError(error);
    }
  }
  const cancel = async () => {
    // It reports what it was ended by, to no one else.
    body.on("error", () => {}).destroy();
  };
  return { [Symbol.asyncIterator]: chunks, cancel };
}
