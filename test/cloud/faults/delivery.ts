import { gzipSync } from "node:zlib";
import type { RequestRecord } from "../gateway/records.ts";
import { jsonReply, type Reply } from "../http/reply.ts";
import type { FaultEffect } from "./faultBook.ts";
import { expireIn, swapTypes, withFields } from "./spoil.ts";

/** How an answer goes over the wire. */
export type Delivery =
  | { kind: "whole"; reply: Reply }
  | { kind: "hang" }
  | { kind: "reset" }
  | { kind: "truncated"; reply: Reply; bytes: number }
  | { kind: "dripped"; reply: Reply; ms: number }
  | { kind: "repeated"; reply: Reply; part: Buffer; times: number };

const mebibyte = 1024 * 1024;

/** Plays a fault. `answer` makes the right answer; it is called only by the faults that spoil it. */
export function deliveryOf(
  effect: FaultEffect | undefined,
  record: RequestRecord,
  now: number,
  answer: () => Reply,
): Delivery {
  if (!effect) return { kind: "whole", reply: answer() };
  switch (effect.kind) {
    case "delay":
      return { kind: "whole", reply: answer() };
    case "hang":
    case "reset":
      return { kind: effect.kind };
    case "truncated": {
      const reply = answer();
      return { kind: "truncated", reply, bytes: effect.bytes ?? Math.floor(reply.body.length / 2) };
    }
    case "slowDrip":
      return { kind: "dripped", reply: answer(), ms: effect.ms };
    case "hugeBody": {
      const reply: Reply = {
        ...jsonReply(200, null),
        body: '{"Code":"success","IsSuccess":true,"Padding":"',
      };
      return { kind: "repeated", reply, part: Buffer.alloc(mebibyte, "a"), times: effect.mebibytes ?? 64 };
    }
    case "gzipBomb": {
      const reply: Reply = { ...jsonReply(200, null), body: "" };
      reply.headers["content-encoding"] = "gzip";
      // Gzip members may follow one another: the bomb costs the server nothing.
      const part = gzipSync(Buffer.alloc(mebibyte, " "));
      return { kind: "repeated", reply, part, times: effect.mebibytes ?? 256 };
    }
    default:
      return { kind: "whole", reply: insteadOf(effect, record, now, answer) };
  }
}

type Replacing = Exclude<
  FaultEffect,
  { kind: "delay" | "hang" | "reset" | "truncated" | "slowDrip" | "hugeBody" | "gzipBomb" }
>;

function insteadOf(effect: Replacing, record: RequestRecord, now: number, answer: () => Reply): Reply {
  switch (effect.kind) {
    case "status": {
      const { status, body, headers } = effect;
      if (body === undefined) return refusal(record, status, "ServiceUnavailable", "The request has failed.");
      return { status, headers: { ...headers }, body: body ?? "" };
    }
    case "throttle":
      return throttling(effect, record);
    case "error": {
      const { status = 403, code, message = "The request was refused.", details } = effect;
      return refusal(record, status, code, message, details);
    }
    case "businessError":
      return unsuccessful(record, effect.code, effect.message ?? "The request was refused.");
    case "malformedJson":
      return { ...jsonReply(200, null), body: effect.body ?? "<html>It works!</html>" };
    case "wrongTypes": {
      const { set, remove } = effect;
      return set || remove ? withFields(answer(), set ?? {}, remove ?? []) : swapTypes(answer());
    }
    case "expiredToken":
      return expireIn(answer(), now - (effect.msAgo ?? 3_600_000));
    case "redirect":
      return { status: effect.status ?? 302, headers: { location: effect.location }, body: "" };
    case "deepJson": {
      const depth = effect.depth ?? 100_000;
      return { ...jsonReply(200, null), body: `${"[".repeat(depth)}${"]".repeat(depth)}` };
    }
  }
}

function throttling(effect: Extract<FaultEffect, { kind: "throttle" }>, record: RequestRecord): Reply {
  const { status = 429, retryAfterSeconds, retryAfterMs } = effect;
  const code = effect.code ?? (status === 200 ? "Throttling" : "Throttling.User");
  const message = "Request was denied due to user flow control.";
  const reply = status === 200 ? unsuccessful(record, code, message) : refusal(record, status, code, message);
  if (retryAfterSeconds !== undefined) reply.headers["retry-after"] = String(retryAfterSeconds);
  if (retryAfterMs !== undefined) reply.headers["x-acs-retry-after"] = String(retryAfterMs);
  return reply;
}

/** The gateway's refusal: `RequestId`, `HostId`, `Code`, `Message` and further fields (facts 3.1). */
export function refusal(
  record: RequestRecord,
  status: number,
  code: string,
  message: string,
  details: Record<string, unknown> = {},
): Reply {
  const { requestId, host } = record;
  const recommend = `https://api.aliyun.com/troubleshoot?q=${code}&requestId=${requestId}`;
  const body = { RequestId: requestId, HostId: host, Code: code, Message: message, Recommend: recommend };
  return jsonReply(status, { ...body, ...details }, code);
}

/** ACR's own refusal: HTTP 200 with `IsSuccess: false`. */
export function unsuccessful(record: RequestRecord, code: string, message: string): Reply {
  return jsonReply(
    200,
    { Code: code, IsSuccess: false, Message: message, RequestId: record.requestId },
    code,
  );
}
