import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { call, keyOf } from "../cloud/client.ts";
import type { Cloud } from "../cloud/cloud.ts";
import { instanceCorp, instanceShared, keyA } from "../cloud/defaultWorld.ts";
import type { Operation } from "../cloud/gateway/operations.ts";
import { wanted, writeToken } from "./ownRequests.ts";

export interface ClientResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A client that somebody else wrote, and the operations that the plugin calls too. */
export interface OfficialClient {
  readonly name: string;
  readonly operations: readonly Operation[];
  /** Makes the one call, after others perhaps. */
  call(cloud: Cloud, operation: Operation, told: Told): Promise<ClientResult>;
}

/** What a client calls with: the simulated cloud's addresses, a key, and the parameters that the plugin has too. */
export type Told = Readonly<Record<string, string>>;

/**
 * A client in a program `COMMAND NAME OPERATION`, which reads what it is told from its environment, trusts the cloud's
 * authority and prints what the client made of the answer.
 */
export function programmed(
  command: readonly string[],
  name: string,
  operations: readonly Operation[],
): OfficialClient {
  return { name, operations, call: (_cloud, operation, told) => ended([...command, name, operation], told) };
}

/** Has the client make its call, in an empty home directory. */
export async function callWith(
  client: OfficialClient,
  cloud: Cloud,
  operation: Operation,
): Promise<ClientResult> {
  const directory = mkdtempSync(`${tmpdir()}/official-client-`);
  try {
    const told = { ...(await tell(cloud, operation)), OIDC_TOKEN_FILE: writeToken(cloud, directory) };
    cloud.reset();
    return await client.call(cloud, operation, { ...told, HOME: directory });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function tell(cloud: Cloud, operation: Operation): Promise<Told> {
  const host = (url: string) => new URL(url).host;
  const isToken = operation === "GetAuthorizationToken";
  const { id, secret, securityToken } = isToken ? await sessionOf(cloud) : { ...keyA, securityToken: "" };
  return {
    ACR_ENDPOINT: host(cloud.endpoints.acr),
    STS_ENDPOINT: host(cloud.endpoints.sts),
    ACCESS_KEY_ID: id,
    ACCESS_KEY_SECRET: secret,
    ...(securityToken ? { SECURITY_TOKEN: securityToken } : {}),
    INSTANCE_ID: isToken ? instanceShared : instanceCorp,
    ROLE_ARN: operation === "AssumeRole" ? wanted.role : wanted.podRole,
    SESSION_NAME: wanted.sessionName,
    EXTERNAL_ID: wanted.externalId,
    POLICY: wanted.policy,
    OIDC_PROVIDER_ARN: wanted.oidcProvider,
    SSL_CERT_FILE: cloud.caFile,
    NODE_EXTRA_CA_CERTS: cloud.caFile,
  };
}

/** A session of the role that the plugin assumes before it asks for a token. */
async function sessionOf(cloud: Cloud) {
  const { role: RoleArn, sessionName: RoleSessionName, externalId: ExternalId } = wanted;
  const { body } = await call({
    endpoint: cloud.endpoints.stsHttp,
    key: keyA,
    action: "AssumeRole",
    version: "2015-04-01",
    query: { RoleArn, RoleSessionName, ExternalId },
  });
  return keyOf(body.Credentials);
}

/** Runs a command to its end; nothing of this process's environment reaches it. */
export function ended(
  command: readonly string[],
  env: Record<string, string>,
  stdin = "",
): Promise<ClientResult> {
  const [program = "", ...args] = command;
  const child = spawn(program, args, { env, stdio: ["pipe", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  child.stdin.on("error", () => {});
  child.stdin.end(stdin);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
}
