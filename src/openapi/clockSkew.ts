import type { HttpResponse } from "../run/run.ts";
import { span } from "../text/span.ts";

/** A clock within this (ms) of the server's is right; V3 signatures are refused from 15 minutes on. */
const TOLERANCE_MS = 5 * 60 * 1000;

/** Codes by which the API says that the date of a request is off. */
const dateCodes = /time-?stamp|RequestTime|RequestExpired|Expired(Time|Date|Request)|InvalidDate/i;

/** What the clocks say, when the answer gives reason to doubt the node's. */
export interface ClockSkew {
  /** "the node's clock is 17 min behind". */
  readonly text: string;
  /** Whether the refusal itself is about the date. */
  readonly isTheCause: boolean;
}

/** Compares the node's clock (`now`, epoch ms) with the `Date` header of a refusal. */
export function clockSkew(
  headers: HttpResponse["headers"],
  code: string,
  now: number,
): ClockSkew | undefined {
  const isTheCause = dateCodes.test(code);
  const offMs = now - Date.parse(headers.get("date") ?? "");
  if (Math.abs(offMs) > TOLERANCE_MS) {
    return {
      text: `the node's clock is ${span(Math.abs(offMs))} ${offMs > 0 ? "ahead" : "behind"}`,
      isTheCause,
    };
  }
  return isTheCause ? { text: "the API says that the date of the request is off", isTheCause } : undefined;
}
