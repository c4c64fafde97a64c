import { enterpriseOperations } from "../acr/enterprise.ts";
import { getTokens } from "../acr/personal.ts";
import { type Delivery, deliveryOf, refusal, unsuccessful } from "../faults/delivery.ts";
import type { Faults } from "../faults/faultBook.ts";
import { parameterPairs, type ReceivedRequest } from "../http/receivedRequest.ts";
import { jsonReply, type Reply } from "../http/reply.ts";
import type { Principal } from "../model/permissions.ts";
import { credentialsUri } from "../node/credentialsUri.ts";
import { metadata } from "../node/metadata.ts";
import type { State } from "../state.ts";
import { stsOperations } from "../sts/operations.ts";
import { ApiError, BusinessError } from "./apiError.ts";
import { authenticate } from "./authenticate.ts";
import type { Answer, Call } from "./call.ts";
import { type Operation, type Route, route } from "./operations.ts";
import type { Records, RequestRecord } from "./records.ts";
import { noteViolations } from "./violations.ts";

/** What becomes of one request. */
export interface Outcome {
  record: RequestRecord;
  delayMs: number;
  /** Called once the delay is over, so that lives and clocks are those of the answer. */
  deliver(): Delivery;
}

/** Records a request, finds out who sent it, and works out the answer or the fault. */
export function serve(state: State, records: Records, faults: Faults, request: ReceivedRequest): Outcome {
  const routed = route(request);
  const record = records.open({
    ...routed,
    method: request.method,
    target: request.target,
    host: request.host,
    secure: request.secure,
    parameters: Object.fromEntries(parameterPairs(request)),
    headers: request.headers,
    body: request.body.toString("utf8"),
    signature: signatureOf(request, routed),
  });
  noteViolations(state, request, record);
  const { delayMs, effect } = faults.take(routed.operation);
  record.fault = effect?.kind ?? (delayMs > 0 ? "delay" : undefined);
  const caller = identify(state, request, record);
  const answer = () => guarded(record, () => reply(state, request, record, caller()));
  return { record, delayMs, deliver: () => deliveryOf(effect, record, state.clock.now(), answer) };
}

function signatureOf(request: ReceivedRequest, { service, operation }: Route): RequestRecord["signature"] {
  if (!["acr", "sts"].includes(service) || operation === "AssumeRoleWithOIDC") return undefined;
  const isOld = service === "sts" && parameterPairs(request).some(([name]) => name === "SignatureMethod");
  return isOld ? "RPC-HMAC-SHA1" : "ACS3-HMAC-SHA256";
}

/** Authenticates at once, so that the record has the caller even if a fault is played; throws later. */
function identify(
  state: State,
  request: ReceivedRequest,
  record: RequestRecord,
): () => Principal | undefined {
  if (record.signature === undefined || record.operation === "Unknown") return () => undefined;
  try {
    const principal = authenticate(state, request, record);
    return () => principal;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

type Handler = (call: Call) => Answer;
const handlers: Partial<Record<Operation, Handler>> = { ...enterpriseOperations, ...stsOperations };

function reply(
  state: State,
  request: ReceivedRequest,
  record: RequestRecord,
  caller: Principal | undefined,
): Reply {
  const { operation, service, parameters, regionId } = record;
  if (service === "metadata") return metadata(state, request, record);
  if (service === "credentialsUri") return credentialsUri(state, request);
  const call = { state, record, caller, parameters, regionId };
  if (operation === "GetTokens(2016)") {
    return jsonReply(200, { ...getTokens(call), requestId: record.requestId }, "OK");
  }
  const handler = handlers[operation];
  if (!handler) {
    throw new ApiError(
      404,
      "InvalidAction.NotFound",
      "Specified api is not found, please check your url and method.",
    );
  }
  return jsonReply(
    200,
    { RequestId: record.requestId, ...handler(call) },
    service === "acr" ? "success" : "OK",
  );
}

function guarded(record: RequestRecord, answer: () => Reply): Reply {
  try {
    return answer();
  } catch (error) {
    if (error instanceof BusinessError) return unsuccessful(record, error.code, error.message);
    if (error instanceof ApiError)
      return refusal(record, error.status, error.code, error.message, error.details);
    throw error;
  }
}
