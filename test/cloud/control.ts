import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Cloud } from "./cloud.ts";
import type { Fault } from "./faults/faultBook.ts";
import type { Operation } from "./gateway/operations.ts";
import type { Revocation } from "./model/revoke.ts";
import { type ModelInput, patchWorld } from "./model/world.ts";
import type { ServiceAccountTokenOptions } from "./sts/oidcIssuer.ts";

type Control = (cloud: Cloud, body: never, query: URLSearchParams) => unknown;

/** How another process steers the cloud. Answers are JSON: nothing is `{}`, `null` is 404. */
const controls: Record<string, Control> = {
  "GET /endpoints": ({ endpoints, caFile }) => ({ endpoints, caFile }),
  "GET /requests": (cloud, _, query) =>
    cloud.calls((query.get("operation") as Operation | null) ?? undefined),
  "GET /violations": (cloud) => cloud.violations,
  "GET /secrets": (cloud) => cloud.secrets,
  "GET /issued": (cloud) => cloud.issuedTokens,
  /** `{username, password, repository?}`: the login, with `pull`, or 404. */
  "POST /issued": (cloud, { username, password, repository }: Record<string, string>) => {
    const login = cloud.acceptsRegistryLogin(username ?? "", password ?? "");
    return login ? { ...login, pull: login.mayPull(repository ?? "") } : null;
  },
  /** One fault or a list of them. */
  "POST /faults": (cloud, faults: Fault | Fault[]) => cloud.faults.set(...[faults].flat()),
  "DELETE /faults": (cloud) => cloud.faults.clear(),
  "GET /model": (cloud) => cloud.world,
  /** A JSON Merge Patch. */
  "POST /model": (cloud, patch: ModelInput) => patchWorld(cloud.world, patch),
  /** `{skewMs}` */
  "POST /clock": (cloud, { skewMs }: { skewMs: number }) => {
    cloud.clock.skewMs = skewMs;
    return { skewMs, now: cloud.clock.now() };
  },
  "POST /revoke": (cloud, what: Revocation) => cloud.revoke(what),
  "POST /reset": (cloud) => cloud.reset(),
  "POST /service-account-token": (cloud, options: ServiceAccountTokenOptions) => ({
    token: cloud.issueServiceAccountToken(options),
  }),
  "GET /jwks": (cloud, _, query) => cloud.jwks(query.get("issuer") ?? ""),
  /** `{hosts}`: a key and certificate, PEM, of the cloud's authority. */
  "POST /certificate": (cloud, { hosts }: { hosts: string[] }) => cloud.issueCertificate(hosts),
};

/** Serves the control API on `HOST:PORT`; resolves to its URL and a function that closes it. */
export async function serveControl(
  cloud: Cloud,
  address: string,
): Promise<{ url: string; close: () => void }> {
  const { hostname, port } = new URL(`tcp://${address}`);
  const server = createServer(async (request, response) => {
    const { status, body } = await control(cloud, request);
    response.writeHead(status, { "content-type": "application/json" }).end(`${JSON.stringify(body)}\n`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(Number(port || 0), hostname, resolve);
  });
  const url = `http://${hostname}:${(server.address() as AddressInfo).port}`;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url, close };
}

async function control(cloud: Cloud, request: IncomingMessage): Promise<{ status: number; body: unknown }> {
  try {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://control");
    const found = controls[`${request.method} ${pathname}`];
    if (!found) return { status: 404, body: { error: "no such control", controls: Object.keys(controls) } };
    const body = found(cloud, (await readJson(request)) as never, searchParams);
    return body === null ? { status: 404, body: { error: "not found" } } : { status: 200, body: body ?? {} };
  } catch (error) {
    return { status: 400, body: { error: String(error) } };
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text === "" ? {} : JSON.parse(text);
}
