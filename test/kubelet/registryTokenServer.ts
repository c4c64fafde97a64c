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
}

export interface RegistryTokenServerOptions {
  readonly hostname: string;
  /** For TLS, and to sign the bearer tokens with. */
  readonly certificate: Certificate;
  /** Exactly what the simulated ACR has issued and what has not expired. */
  accepts(username: string, password: string): RegistryLogin | undefined;
  /** Whether a token of this instance opens the registry that calls itself so. */
  opens(login: RegistryLogin, service: string): boolean;
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
      const [, repository = ""] = (asked.get("scope") ?? "").split(":");
      const { username, password } = credentialsOf(request, asked);
      const login = username === undefined ? undefined : options.accepts(username, password ?? "");

      const outcome =
        username === undefined
          ? "anonymous"
          : !login || !options.opens(login, service)
            ? "login refused"
            : login.mayPull(repository)
              ? "granted"
              : "no permission";
      exchanges.push({ service, repository, outcome, ...(username === undefined ? {} : { username }) });
      if (outcome === "login refused") return new Response("unauthorized", { status: 401 });
      const access =
        outcome === "granted" ? [{ type: "repository", name: repository, actions: ["pull"] }] : [];
      const token = signToken({ sub: username ?? "", aud: service, access });
      return Response.json({ token, access_token: token, expires_in: 60 });
    },
  });
  return { exchanges, stop: () => server.stop(true) };
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
