import type { ReceivedRequest } from "../http/receivedRequest.ts";
import { jsonReply, type Reply, textReply } from "../http/reply.ts";
import { findRole } from "../model/arn.ts";
import { credentialsDocument } from "../model/sessions.ts";
import type { State } from "../state.ts";

/** The server behind `ALIBABA_CLOUD_CREDENTIALS_URI`: a new session at every request. */
export function credentialsUri(state: State, request: ReceivedRequest): Reply {
  if (request.path !== "/credentials" || request.method !== "GET") return textReply(404, "not found\n");
  const { roleArn, credentialsLifeSeconds } = state.world.credentialsUri;
  const found = findRole(state.world, roleArn);
  if (!found) return jsonReply(200, { Code: "Failed" }, "Failed");
  const session = state.sessions.open(found.account, found.role, {
    name: "credentials-uri",
    seconds: credentialsLifeSeconds,
  });
  return jsonReply(200, credentialsDocument(session, state.clock.now()), "Success");
}
