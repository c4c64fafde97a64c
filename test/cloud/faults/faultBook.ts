import type { Operation } from "../gateway/operations.ts";

/** What goes wrong. Except for `delay`, the first fault that applies to a request is the one played. */
export type FaultEffect =
  /** Answers rightly, but `ms` later; goes together with any other fault. */
  | { kind: "delay"; ms: number }
  /** Accepts the request and never answers. */
  | { kind: "hang" }
  /** Resets the connection. */
  | { kind: "reset" }
  /** An HTTP status; `body` left out: the gateway's JSON `ServiceUnavailable`; `null`: no body. */
  | { kind: "status"; status: number; body?: string | null; headers?: Record<string, string> }
  /** Throttling; `status` 200 is ACR's `IsSuccess: false`. Default 429 `Throttling.User`. */
  | { kind: "throttle"; status?: number; code?: string; retryAfterSeconds?: number; retryAfterMs?: number }
  /** A refusal of the gateway; `details` are further fields, such as `AccessDeniedDetail`. */
  | { kind: "error"; code: string; message?: string; status?: number; details?: Record<string, unknown> }
  /** A refusal of ACR: HTTP 200, `IsSuccess: false`. */
  | { kind: "businessError"; code: string; message?: string }
  /** HTTP 200, JSON content type, and this instead of JSON. */
  | { kind: "malformedJson"; body?: string }
  /** The right answer, cut after `bytes` (default: half) under its whole content-length, then closed. */
  | { kind: "truncated"; bytes?: number }
  /** A JSON string of so many MiB (default 64), chunked. */
  | { kind: "hugeBody"; mebibytes?: number }
  /** The right answer, a byte every `ms`. */
  | { kind: "slowDrip"; ms: number }
  /**
   * The right answer with fields set or removed, by dotted path; with neither, every number and
   * boolean becomes a string and every string a number.
   */
  | { kind: "wrongTypes"; set?: Record<string, unknown>; remove?: string[] }
  /** The right answer, expired `msAgo` (default one hour) ago. */
  | { kind: "expiredToken"; msAgo?: number }
  /** A redirect (default 302). */
  | { kind: "redirect"; location: string; status?: number }
  /** A small gzip body that unpacks to so many MiB (default 256). */
  | { kind: "gzipBomb"; mebibytes?: number }
  /** Nested arrays (default 100 000 deep). */
  | { kind: "deepJson"; depth?: number };

/** A fault for an operation (`*`: any), at most `times` times, sparing the first `after` requests. */
export type Fault = { operation: Operation | "*"; times?: number; after?: number } & FaultEffect;

export interface Faults {
  /** Adds a fault behind those already set for the operation. */
  set(...faults: Fault[]): void;
  /** Forgets the faults of an operation, or all of them. */
  clear(operation?: Operation | "*"): void;
  /** What to play on the next request of an operation; counts it. */
  take(operation: Operation): { delayMs: number; effect: FaultEffect | undefined };
}

interface Entry {
  fault: Fault;
  seen: number;
  played: number;
}

export function createFaults(): Faults {
  let entries: Entry[] = [];

  function applies(entry: Entry, operation: Operation): boolean {
    const { fault } = entry;
    if (fault.operation !== "*" && fault.operation !== operation) return false;
    entry.seen += 1;
    return entry.seen > (fault.after ?? 0) && entry.played < (fault.times ?? Number.POSITIVE_INFINITY);
  }

  return {
    set(...faults) {
      entries.push(...faults.map((fault) => ({ fault, seen: 0, played: 0 })));
    },
    clear(operation) {
      entries = operation ? entries.filter(({ fault }) => fault.operation !== operation) : [];
    },
    take(operation) {
      let delayMs = 0;
      let effect: FaultEffect | undefined;
      for (const entry of entries.filter((candidate) => applies(candidate, operation))) {
        const { fault } = entry;
        if (fault.kind === "delay") delayMs += fault.ms;
        else if (effect === undefined) effect = fault;
        else continue;
        entry.played += 1;
      }
      return { delayMs, effect };
    },
  };
}
