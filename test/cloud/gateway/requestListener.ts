import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Faults } from "../faults/faultBook.ts";
import { deliver } from "../http/deliver.ts";
import { type ListenerRole, receive } from "../http/receivedRequest.ts";
import type { State } from "../state.ts";
import { serve } from "./gateway.ts";
import type { Records } from "./records.ts";

/** What the listeners of one cloud have in common. */
export interface Serving {
  state: State;
  records: Records;
  faults: Faults;
}

/** Handles the requests of one listener, from the first byte in to the last byte out. */
export function requestListener(serving: Serving, role: ListenerRole, secure: boolean): RequestListener {
  return (message, response) => {
    handle(serving, role, secure, message, response).catch((error) => {
      // A fault of the simulator itself must be seen, not taken for one of the cloud.
      console.error("simulated cloud:", error);
      response.destroy();
    });
  };
}

async function handle(
  { state, records, faults }: Serving,
  role: ListenerRole,
  secure: boolean,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const request = await receive(message, role, secure).catch(() => undefined);
  if (!request) {
    response.destroy();
    return;
  }
  const { record, delayMs, deliver: play } = serve(state, records, faults, request);
  response.on("close", () => {
    if (!response.writableFinished) record.aborted = true;
  });
  if (delayMs > 0) await sleep(delayMs);
  if (response.destroyed) return;
  const delivery = play();
  if ("reply" in delivery) {
    record.status = delivery.reply.status;
    record.code = delivery.reply.code;
    // The simulated clock, by which a client can notice that its own is off.
    response.setHeader("date", new Date(state.clock.now()).toUTCString());
    response.setHeader("x-acs-request-id", record.requestId);
  }
  await deliver(response, delivery);
}
