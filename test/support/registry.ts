import { createHash } from "node:crypto";
import type { Cloud } from "../cloud/cloud.ts";
import type { Certificate } from "../cloud/http/certificates.ts";

/** A registry with its token realm and layer host, all on loopback with TLS; what it does can be changed at any time. */
export interface TestRegistry {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** URLs that it names; a test may name others. */
  realm: string;
  layers: string;
  /** `namespace/name` to its tags. */
  readonly repositories: Record<string, string[]>;
  /** What manifests are: of one platform, or an index of these. */
  platforms: string[] | undefined;
  /** Answered to everything below `/v2/` instead. */
  status: number | undefined;
  /** What tokens allow, by the repository; without it what the cloud's `cr:PullRepository` says. */
  grants: string[] | undefined;
  /** No login is accepted. */
  isClosed: boolean;
  /** Bearer tokens given. */
  readonly tokens: string[];
  /** What the layer host was sent, header by header. */
  readonly layerRequests: {
    readonly path: string;
    readonly authorization: string | null;
    readonly range: string | null;
  }[];
  close(): Promise<void>;
}

const layer = Buffer.alloc(5000, "layer");
const layerDigest = digestOf(layer);
const manifest = JSON.stringify({
  schemaVersion: 2,
  mediaType: "application/vnd.oci.image.manifest.v1+json",
  layers: [{ digest: layerDigest, size: layer.length }],
});

/** Starts one whose logins are the cloud's; `names` are further names of its certificate. It checks what a real one checks, and keeps no state of its own. */
export async function startTestRegistry(cloud: Cloud, names: string[] = []): Promise<TestRegistry> {
  const certificate = cloud.issueCertificate(["127.0.0.1", ...names]);
  const registry = serve(certificate, (request) => answer(state, request));
  const realm = serve(certificate, (request) => exchange(state, cloud, request));
  const layers = serve(certificate, (request) => serveLayer(state, request));
  const state: TestRegistry = {
    host: `127.0.0.1:${registry.port}`,
    realm: `https://127.0.0.1:${realm.port}/auth`,
    layers: `https://127.0.0.1:${layers.port}`,
    repositories: { "team/web": ["1", "latest"] },
    platforms: undefined,
    status: undefined,
    grants: undefined,
    isClosed: false,
    tokens: [],
    layerRequests: [],
    close: async () => {
      for (const server of [registry, realm, layers]) await server.stop(true);
    },
  };
  return state;
}

function serve(tls: Certificate, fetch: (request: Request) => Response) {
  return Bun.serve({ hostname: "127.0.0.1", port: 0, tls, fetch });
}

function answer(state: TestRegistry, request: Request): Response {
  if (state.status !== undefined) return refusal(state.status, "DENIED");
  const [, token] = /^Bearer (.+)$/.exec(request.headers.get("authorization") ?? "") ?? [];
  const { pathname } = new URL(request.url);
  if (token === undefined || !state.tokens.includes(token)) {
    const challenge = `Bearer realm="${state.realm}",service="test"`;
    return refusal(401, "UNAUTHORIZED", { "www-authenticate": challenge });
  }
  const [, name = "", kind, reference = ""] =
    /^\/v2\/(.+)\/(manifests|blobs|tags)\/([^/]+)$/.exec(pathname) ?? [];
  const tags = state.repositories[name];
  if (kind === "tags")
    return tags === undefined ? refusal(404, "NAME_UNKNOWN") : Response.json({ name, tags });
  if (kind === "blobs") {
    return new Response(null, {
      status: 307,
      headers: { location: `${state.layers}/${reference}?Signature=CANARYsigned` },
    });
  }
  if (tags === undefined) return refusal(404, "NAME_UNKNOWN");
  if (!tags.includes(reference) && !reference.includes(":")) return refusal(404, "MANIFEST_UNKNOWN");
  return new Response(
    reference.includes(":") || state.platforms === undefined ? manifest : indexOf(state.platforms),
  );
}

function indexOf(platforms: readonly string[]): string {
  const manifests = platforms.map((platform) => {
    const [os, architecture] = platform.split("/");
    return { digest: digestOf(Buffer.from(manifest)), platform: { os, architecture } };
  });
  return JSON.stringify({ schemaVersion: 2, manifests });
}

/** As distribution's token specification has it, for GET. */
function exchange(state: TestRegistry, cloud: Cloud, request: Request): Response {
  const [scheme, encoded = ""] = (request.headers.get("authorization") ?? "").split(" ");
  const text = Buffer.from(encoded, "base64").toString();
  const at = text.indexOf(":");
  const login = cloud.acceptsRegistryLogin(text.slice(0, at), text.slice(at + 1));
  if (state.isClosed || scheme !== "Basic" || login === undefined) return refusal(401, "UNAUTHORIZED");
  const [, name = ""] = (new URL(request.url).searchParams.get("scope") ?? "").split(":");
  const actions = state.grants ?? (login.mayPull(name) ? ["pull"] : []);
  const access = actions.length === 0 ? [] : [{ type: "repository", name, actions }];
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const token = `${part({ alg: "none" })}.${part({ access, n: state.tokens.length })}.CANARYbearer`;
  state.tokens.push(token);
  return Response.json({ token });
}

function serveLayer(state: TestRegistry, request: Request): Response {
  const { headers, url } = request;
  state.layerRequests.push({
    path: new URL(url).pathname,
    authorization: headers.get("authorization"),
    range: headers.get("range"),
  });
  return new Response(layer.subarray(0, 1024), { status: 206 });
}

function refusal(status: number, code: string, headers: Record<string, string> = {}): Response {
  return Response.json({ errors: [{ code, message: "no" }] }, { status, headers });
}

function digestOf(content: Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
