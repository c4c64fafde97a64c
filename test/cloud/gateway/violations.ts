import type { ReceivedRequest } from "../http/receivedRequest.ts";
import { formPairs, pairsOf } from "../http/receivedRequest.ts";
import type { State } from "../state.ts";
import type { RequestRecord } from "./records.ts";

const secretParameters = ["OIDCToken", "AccessKeySecret", "AuthorizationToken", "password"];

/** Notes on the record what no honest client does. */
export function noteViolations(state: State, request: ReceivedRequest, record: RequestRecord): void {
  const note = (text: string) => record.violations.push(text);
  const hidden =
    record.signature === "ACS3-HMAC-SHA256" ? [...secretParameters, "SecurityToken"] : secretParameters;
  for (const [name] of pairsOf(request.rawQuery)) {
    if (hidden.includes(name)) note(`${name} in the query`);
  }
  noteUnusualForm(request, record);
  for (const name of request.repeatedHeaders) note(`header ${name} repeated`);
  if (!request.host) note("no Host header");
  if (["acr", "sts"].includes(record.service) && !request.secure && !isLoopback(request.host)) {
    note(`${request.host} asked without TLS`);
  }
  if (record.service !== "acr" && record.service !== "sts") {
    if (request.body.length > 0) note("body sent to a service that takes none");
  }
  if (request.headers.cookie) note("cookie sent");
  const sent = `${request.target}\n${Object.values(request.headers).join("\n")}\n${request.body.toString("latin1")}`;
  for (const { users } of state.world.accounts) {
    for (const { id, secret } of users.flatMap(({ accessKeys }) => accessKeys)) {
      if (sent.includes(secret)) note(`secret of the access key ${id} sent`);
    }
  }
}

/** Forms that no official client sends: nobody knows whether the live services understand them. */
function noteUnusualForm(request: ReceivedRequest, record: RequestRecord): void {
  const note = (text: string) => record.violations.push(text);
  const inForm = formPairs(request).map(([name]) => name);
  if (record.signature === "ACS3-HMAC-SHA256" && inForm.length > 0) {
    note(`parameters of a V3 call in the body: ${inForm.join(", ")}`);
  }
  if (record.operation !== "AssumeRoleWithOIDC") return;
  const inQuery = pairsOf(request.rawQuery).map(([name]) => name);
  const absent = ["Action", "Format", "Timestamp", "Version"].filter((name) => !inQuery.includes(name));
  if (absent.length > 0) note(`not in the query of an unsigned call: ${absent.join(", ")}`);
  if (request.headers.authorization !== undefined) note("an unsigned call with Authorization");
}

function isLoopback(host: string): boolean {
  return /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:\d+)?$/i.test(host);
}
