import type { Cloud } from "../cloud/cloud.ts";
import type { FaultEffect } from "../cloud/faults/faultBook.ts";

/** Every fault of the simulated cloud, played on each request of an operation for as long as the test lasts. */
export const faults = {
  delay: () => ({ kind: "delay", ms: 150 }),
  hang: () => ({ kind: "hang" }),
  reset: () => ({ kind: "reset" }),
  "HTTP 503": () => ({ kind: "status", status: 503 }),
  "HTTP 502, no body": () => ({ kind: "status", status: 502, body: null }),
  throttling: () => ({ kind: "throttle" }),
  "throttling, retry after 1 min": () => ({ kind: "throttle", retryAfterSeconds: 60 }),
  "throttling as IsSuccess: false": () => ({ kind: "throttle", status: 200 }),
  "refusal (NoPermission)": () => ({ kind: "error", code: "NoPermission" }),
  "refusal as IsSuccess: false": () => ({ kind: "businessError", code: "INSTANCE_NOT_EXIST" }),
  "no JSON": () => ({ kind: "malformedJson" }),
  "half of the answer": () => ({ kind: "truncated" }),
  "answer of 8 MiB": () => ({ kind: "hugeBody", mebibytes: 8 }),
  "gzip bomb": () => ({ kind: "gzipBomb" }),
  "JSON 100,000 deep": () => ({ kind: "deepJson" }),
  "a byte every 0.1 s": () => ({ kind: "slowDrip", ms: 100 }),
  "wrong types": () => ({ kind: "wrongTypes" }),
  "expired on arrival": () => ({ kind: "expiredToken" }),
  redirect: (cloud) => ({ kind: "redirect", location: `${cloud.endpoints.metadata}/latest/stolen` }),
} as const satisfies Record<string, (cloud: Cloud) => FaultEffect>;

export type FaultName = keyof typeof faults;
