import { randomUUID, sign, X509Certificate } from "node:crypto";
import type { RegistryLogin } from "../cloud/acr/registryTokens.ts";
import type { Certificate } from "../cloud/http/certificates.ts";

/** One exchange of a user name and password for a bearer token, as the token server saw it. */
export interface TokenExchange {
  /** Which registry the client wants to use. */
  readonly service: string;
  readonly repository: string;
  /** Without: the client sent no Basic authentication. */
  readonly username?: string;
  readonly outcome: "granted" | "anonymous" | "login refused" | "no permission";
  /** What of it the bearer token is for; without: nothing. */
  readonly actions?: readonly string[];
}

export interface RegistryTokenServerOptions {
  readonly hostname: string;
  /** For TLS, and to sign the bearer tokens with. */
  readonly certificate: Certificate;
  /** Exactly what the simulated ACR has issued and what has not expired. */
  accepts(username: string, password: string): RegistryLogin | undefined;
  /** Whether a token of this instance opens the registry that calls itself so. */
  opens(login: RegistryLogin, service: string): boolean;
  /** Repositories that everybody may pull without a login. */
  readonly isPublic?: (repository: string) => boolean;
}

export interface RegistryTokenServer {
  readonly exchanges: TokenExchange[];
  stop(): Promise<void>;
}

export const issuer = "registry-token-server";

/** The server that a registry's `WWW-Authenticate: Bearer realm=…` names (distribution's token specification). */
export function startRegistryTokenServer(options: RegistryTokenServerOptions): RegistryTokenServer {
  const exchanges: TokenExchange[] = [];
  const signToken = tokenSigner(options.certificate);
  const server = Bun.serve({
    hostname: options.hostname,
    port: 443,
    tls: options.certificate,
    async fetch(request) {
      const asked = await parametersOf(request);
      const service = asked.get("service") ?? "";
      const { username, password } = credentialsOf(request, asked);
      const login = username === undefined ? undefined : options.accepts(username, password ?? "");
      const opened = login && options.opens(login, service) ? login : undefined;
      const scopes = scopesOf(asked);
      const anonymous = { mayPull: options.isPublic ?? (() => false), mayPush: () => false };
      const asker = username === undefined ? anonymous : opened;
      const access = scopes.map((scope) => ({ ...scope, actions: actionsOf(scope, asker) }));
      for (const { name: repository, actions } of access) {
        const outcome = username === undefined ? "anonymous" : outcomeOf(opened, actions);
        const known = username === undefined ? {} : { username };
        exchanges.push({ service, repository, outcome, ...known, ...(actions.length > 0 && { actions }) });
      }
      if (username !== undefined && opened === undefined)
        return new Response("unauthorized", { status: 401 });
      const granted = access.filter(({ actions }) => actions.length > 0);
      const token = signToken({ sub: username ?? "", aud: service, access: granted });
      return Response.json({ token, access_token: token, expires_in: 60 });
    },
  });
  return { exchanges, stop: () => server.stop(true) };
}

interface Scope {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
}

/** What a client wants: `repository:team/web:pull,push`, several in one parameter or each in its own; or just to log in. */
function scopesOf(asked: URLSearchParams): Scope[] {
  const wanted = asked.getAll("scope").flatMap((scope) => scope.split(" "));
  return (wanted.length === 0 ? [""] : wanted).map((scope) => {
    const [type = "", name = "", actions = ""] = scope.split(":");
    return { type, name, actions: actions.split(",") };
  });
}

/** As ACR decides: by the RAM permissions of whoever asked for the login, at this moment. */
function actionsOf(
  { name, actions }: Scope,
  login: Pick<RegistryLogin, "mayPull" | "mayPush"> | undefined,
): string[] {
  const may = { pull: login?.mayPull(name), push: login?.mayPush(name) };
  return (["pull", "push"] as const).filter((action) => actions.includes(action) && may[action]);
}

function outcomeOf(login: RegistryLogin | undefined, actions: readonly string[]): TokenExchange["outcome"] {
  if (login === undefined) return "login refused";
  return actions.length > 0 ? "granted" : "no permission";
}

/** containerd sends a form (OAuth2) when it has a password, and falls back to GET with Basic authentication. */
async function parametersOf(request: Request): Promise<URLSearchParams> {
  if (request.method !== "POST") return new URL(request.url).searchParams;
  return new URLSearchParams(await request.text());
}

function credentialsOf(request: Request, form: URLSearchParams): { username?: string; password?: string } {
  const [scheme, encoded = ""] = (request.headers.get("authorization") ?? "").split(" ");
  if (scheme !== "Basic") {
    const username = form.get("username");
    return username ? { username, password: form.get("password") ?? "" } : {};
  }
  const text = Buffer.from(encoded, "base64").toString();
  return { username: text.slice(0, text.indexOf(":")), password: text.slice(text.indexOf(":") + 1) };
}

/** Signs as docker-registry 2.8 verifies: ES256, with the certificate in `x5c`. */
function tokenSigner({ key, cert }: Certificate) {
  const x5c = [new X509Certificate(cert).raw.toString("base64")];
  const header = base64url({ typ: "JWT", alg: "ES256", x5c });
  return (claims: { sub: string; aud: string; access: unknown[] }): string => {
    const now = Math.floor(Date.now() / 1000);
    const times = { iat: now, nbf: now - 10, exp: now + 60 };
    const signed = `${header}.${base64url({ iss: issuer, jti: randomUUID(), ...times, ...claims })}`;
    const signature = sign("sha256", Buffer.from(signed), { key, dsaEncoding: "ieee-p1363" });
    return `${signed}.${signature.toString("base64url")}`;
  };
}

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
