import { Failure, restate } from "../../../failure/failure.ts";
import { cannotConnect, networkFailure } from "../../../openapi/networkFailure.ts";
import { proxyChoice } from "../../../openapi/proxy.ts";
import { exchange } from "../../../openapi/transport.ts";
import type { Run } from "../../../run/run.ts";

/** That a host answers, and how it is reached. */
export interface Reached {
  /** "resolves to 47.97.1.1, answers (HTTP 401)". */
  readonly found: string;
  /** What the answer's `Date` says (epoch ms), and when it came. */
  readonly clock?: { readonly theirs: number; readonly ours: number };
}

/**
 * Reaches an https host as a runtime does, one step after the other: name, TCP, TLS, one answer whatever it is; through
 * the proxy of the environment where one applies. Each step has the time of one request.
 * @throws Failure of the step that fails; its message names the addresses that did not answer.
 */
export async function reach(run: Run, url: URL): Promise<Reached> {
  const { proxy } = proxyChoice(run.env, url);
  if (proxy !== undefined) {
    const { status, ...rest } = await answerOf(run, url);
    return { found: `answers through the proxy ${proxy.host} (HTTP ${status})`, ...rest };
  }
  const addresses = await reachTcp(run, url);
  const { status, ...rest } = await answerBehindTcp(run, url);
  return { found: `resolves to ${addresses.slice(0, 4).join(", ")}, answers (HTTP ${status})`, ...rest };
}

/**
 * Resolves a URL's host and connects to its port.
 * @returns the addresses.
 * @throws Failure `HostNotFound`, or of the connection.
 */
export async function reachTcp(run: Run, url: URL): Promise<readonly string[]> {
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  const addresses = await resolve(run, hostname);
  const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
  const failures: Failure[] = [];
  for (const address of addresses.slice(0, 4)) {
    try {
      await connectTo(run, address, port);
      return addresses;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      failures.push(error);
    }
  }
  throw failures[0] ?? networkFailure({ code: "ENOTFOUND" }, { host: hostname });
}

async function resolve(run: Run, hostname: string): Promise<readonly string[]> {
  const { lookup } = await import("node:dns/promises");
  const within = timeLimit(run, noDns(hostname));
  try {
    const found = await Promise.race([lookup(hostname, { all: true }), within.over]);
    return found.map(({ address }) => address);
  } catch (error) {
    if (error instanceof Failure) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw code === "ENOTFOUND" ? networkFailure(error, { host: hostname }) : noDns(hostname);
  } finally {
    within.end();
  }
}

/** Other than a server that says that there is no such name (getaddrinfo: EAI_AGAIN). */
function noDns(hostname: string): Failure {
  return new Failure(`resolve ${hostname}: no DNS server of this node answers`, {
    code: "DnsSilent",
    transient: true,
    remedy: "check the name servers in /etc/resolv.conf",
  });
}

async function connectTo(run: Run, address: string, port: number): Promise<void> {
  const { connect } = await import("node:net");
  const place = address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
  const within = timeLimit(run, noAnswer(place));
  const socket = connect({ host: address, port });
  try {
    const connected = new Promise<void>((done, fail) => {
      socket.once("connect", done);
      socket.once("error", async () => fail(await whyNotConnected(run, place)));
    });
    await Promise.race([connected, within.over]);
  } finally {
    within.end();
    socket.destroy();
  }
}

function noAnswer(place: string): Failure {
  return new Failure(`connect to ${place}: nothing answers`, {
    code: "Timeout",
    transient: true,
    remedy: "check firewalls, security groups and routes: packets to it are lost",
  });
}

/** Bun 1.4.5's node:net says ECONNREFUSED of every connection that fails at once; its fetch knows the cause. */
async function whyNotConnected(run: Run, place: string): Promise<Failure> {
  const url = `http://${place}/`;
  const asked = exchange(run, { method: "GET", url, headers: {}, timeoutMs: 1000, proxy: "never" });
  const cause = await asked.catch((error: unknown) => error);
  const isKnown = cause instanceof Failure && cannotConnect(cause);
  return isKnown ? cause : networkFailure({ code: "ECONNREFUSED" }, { host: place });
}

/** A promise that is rejected with this failure once the time of one request is over. */
function timeLimit(run: Run, failure: Failure): { readonly over: Promise<never>; readonly end: () => void } {
  const limitMs = run.deadline.atMost(run.config.timeouts.requestMs, failure.message);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<never>((_, fail) => {
    const within = `${failure.message} within ${limitMs / 1000} s`;
    timer = setTimeout(() => fail(restate(failure, { message: within })), limitMs);
  });
  over.catch(() => {});
  return { over, end: () => clearTimeout(timer) };
}

/** The answer of a host that has accepted a connection. */
async function answerBehindTcp(run: Run, url: URL): ReturnType<typeof answerOf> {
  try {
    return await answerOf(run, url);
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "Timeout") throw error;
    throw new Failure(`${url.host} accepts the connection and then does not answer: ${error.message}`, {
      code: "TlsSilent",
      transient: true,
      remedy: "check what stands in between: a firewall that lets TCP through and stops TLS, or a small MTU",
    });
  }
}

async function answerOf(run: Run, url: URL): Promise<Pick<Reached, "clock"> & { readonly status: number }> {
  const { status, headers } = await exchange(run, {
    method: "GET",
    url: url.href,
    headers: {},
    timeoutMs: run.config.timeouts.requestMs,
    proxy: "environment",
    takesRedirects: true,
    firstBytes: 1,
  });
  const theirs = Date.parse(headers.get("date") ?? "");
  return Number.isNaN(theirs) ? { status } : { status, clock: { theirs, ours: run.now() } };
}
