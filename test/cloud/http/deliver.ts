import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Delivery } from "../faults/delivery.ts";
import type { Reply } from "./reply.ts";

/** Puts an answer on the wire. Ends early, without error, when the client goes away. */
export async function deliver(response: ServerResponse, delivery: Delivery): Promise<void> {
  switch (delivery.kind) {
    case "hang":
      return;
    case "reset":
      reset(response);
      return;
    case "whole":
      writeHead(response, delivery.reply, true);
      response.end(delivery.reply.body);
      return;
    case "truncated":
      writeHead(response, delivery.reply, true);
      response.write(Buffer.from(delivery.reply.body).subarray(0, delivery.bytes));
      // Time for the part to leave before the connection does.
      await sleep(30);
      response.socket?.destroy();
      return;
    case "dripped":
      return drip(response, delivery.reply, delivery.ms);
    case "repeated":
      return repeat(response, delivery.reply, delivery.part, delivery.times);
  }
}

/** A TLS connection has no way to be reset; it ends without a word of TLS, which a client sees as the same. */
function reset({ socket }: ServerResponse): void {
  if (socket !== null && "encrypted" in socket) socket.destroy();
  else socket?.resetAndDestroy();
}

function writeHead(response: ServerResponse, reply: Reply, whole: boolean): void {
  const length = whole ? { "content-length": String(Buffer.byteLength(reply.body)) } : {};
  response.writeHead(reply.status, { ...reply.headers, ...length });
}

async function drip(response: ServerResponse, reply: Reply, ms: number): Promise<void> {
  writeHead(response, reply, true);
  for (const byte of Buffer.from(reply.body)) {
    if (response.destroyed) return;
    response.write(Buffer.of(byte));
    await sleep(ms);
  }
  response.end();
}

async function repeat(response: ServerResponse, reply: Reply, part: Buffer, times: number): Promise<void> {
  const gone = new Promise<void>((resolve) => response.once("close", () => resolve()));
  writeHead(response, reply, false);
  if (reply.body.length > 0) response.write(reply.body);
  for (let count = 0; count < times && !response.destroyed; count++) {
    if (!response.write(part)) await Promise.race([once(response, "drain"), gone]);
  }
  response.end(reply.body.length > 0 ? '"}' : "");
}
