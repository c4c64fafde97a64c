import { randomBytes } from "node:crypto";
import type { RequestRecord } from "../gateway/records.ts";
import type { ReceivedRequest } from "../http/receivedRequest.ts";
import { jsonReply, type Reply, textReply } from "../http/reply.ts";
import { findRole, roleArn } from "../model/arn.ts";
import { credentialsDocument, type Session } from "../model/sessions.ts";
import { trustsService } from "../model/trust.ts";
import type { State } from "../state.ts";

/** Tokens of the hardened mode, and the session that the service shows at present. */
export interface MetadataTokens {
  /** Token to its expiry, epoch milliseconds. */
  issued: Map<string, number>;
  session?: Session | undefined;
}

/** The session is replaced when less than this is left of it. */
const rotateBeforeMs = 30 * 60_000;

/** The ECS metadata service (facts 7). */
export function metadata(state: State, request: ReceivedRequest, record: RequestRecord): Reply {
  if (request.headers["x-forwarded-for"] || request.headers.via || !request.target.startsWith("/")) {
    record.violations.push("metadata asked through a proxy");
  }
  if (request.headers.authorization) record.violations.push("Authorization sent to the metadata service");
  if (record.operation === "MetadataToken") return issueToken(state, request);
  if (request.method !== "GET") return notFound(405);
  if (!tokenAccepted(state, request)) return notFound(403);
  return document(state, request.path);
}

function issueToken(state: State, request: ReceivedRequest): Reply {
  const ttl = request.headers["x-aliyun-ecs-metadata-token-ttl-seconds"] ?? "";
  if (!/^\d{1,5}$/.test(ttl) || Number(ttl) < 1 || Number(ttl) > 21_600) return notFound(400);
  const token = `CANARYmetadata${randomBytes(24).toString("base64url")}==`;
  state.metadataTokens.issued.set(token, state.clock.now() + Number(ttl) * 1000);
  return textReply(200, token);
}

function tokenAccepted(state: State, request: ReceivedRequest): boolean {
  const token = request.headers["x-aliyun-ecs-metadata-token"];
  if (token === undefined) return state.world.node.httpTokens === "optional";
  return (state.metadataTokens.issued.get(token) ?? 0) > state.clock.now();
}

function document(state: State, path: string): Reply {
  const { node } = state.world;
  const texts: Record<string, string> = {
    "region-id": node.regionId,
    "zone-id": node.zoneId,
    "instance-id": node.instanceId,
    "vpc-id": node.vpcId,
    "owner-account-id": node.accountId,
  };
  const name = path.replace(/^\/latest\/meta-data\//, "");
  const text = texts[name];
  if (text !== undefined) return textReply(200, text);
  if (name === "ram/security-credentials" || name === "ram/security-credentials/") {
    return node.roleName ? textReply(200, node.roleName) : notFound(404);
  }
  return name === `ram/security-credentials/${node.roleName}` ? roleCredentials(state) : notFound(404);
}

function roleCredentials(state: State): Reply {
  const { node } = state.world;
  const arn = roleArn(node.accountId, node.roleName ?? "");
  const found = findRole(state.world, arn);
  if (!found || !trustsService(found.role, "ecs.aliyuncs.com")) return notFound(404);
  const now = state.clock.now();
  let { session } = state.metadataTokens;
  if (!session || session.revoked || session.roleArn !== arn || session.expiresAt - now < rotateBeforeMs) {
    const seconds = node.credentialsLifeSeconds;
    session = state.sessions.open(found.account, found.role, { name: node.instanceId, seconds });
    state.metadataTokens.session = session;
  }
  return jsonReply(200, credentialsDocument(session, now), "Success");
}

function notFound(status: number): Reply {
  return {
    status,
    headers: { "content-type": "text/html" },
    body: `<?xml version="1.0" encoding="iso-8859-1"?><html><head><title>${status}</title></head></html>\n`,
  };
}
