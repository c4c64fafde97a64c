import {
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  randomUUID,
  sign,
  verify,
} from "node:crypto";
import type { Clock } from "../model/clock.ts";
import type { OidcProvider, World } from "../model/world.ts";

/** What a pod's token is made of. Times are seconds, counted in the cloud's clock. */
export interface ServiceAccountTokenOptions {
  namespace: string;
  serviceAccount: string;
  uid?: string | undefined;
  podName?: string | undefined;
  podUid?: string | undefined;
  nodeName?: string | undefined;
  /** Default `sts.aliyuncs.com`. */
  audience?: string | string[] | undefined;
  /** Default 3600; negative: already expired. */
  expiresInSeconds?: number | undefined;
  /** Default 0: issued now. */
  issuedSecondsAgo?: number | undefined;
  /** Default: the issuer of the first OIDC provider. */
  issuer?: string | undefined;
  /** Claims to add or replace. */
  claims?: Record<string, unknown> | undefined;
  /** Sign with a key that the issuer does not have. */
  foreignKey?: boolean | undefined;
}

export interface OidcIssuers {
  issue(options: ServiceAccountTokenOptions): string;
  /** Whether the token bears a signature of one of the provider's keys. */
  verifies(provider: OidcProvider, token: string): boolean;
  /** The issuer's public keys, as its JWKS document would show them. */
  jwks(issuer: string): { keys: JsonWebKey[] };
  readonly issued: string[];
}

type Algorithm = "RS256" | "ES256";
type KeyPair = { privateKey: KeyObject; publicKey: KeyObject };

/** Keys are made when first needed and live as long as the cloud. */
export function createOidcIssuers(world: World, clock: Clock): OidcIssuers {
  const keys = new Map<string, KeyPair>();
  const issued: string[] = [];
  const providers = () => world.accounts.flatMap(({ oidcProviders }) => oidcProviders);
  const algorithmOf = (issuer: string): Algorithm =>
    providers().find((provider) => provider.issuer === issuer)?.algorithm ?? "RS256";

  function keyOf(issuer: string): KeyPair {
    const algorithm = algorithmOf(issuer);
    const name = `${algorithm} ${issuer}`;
    const key = keys.get(name) ?? newKey(algorithm);
    keys.set(name, key);
    return key;
  }

  return {
    issued,
    issue(options) {
      const issuer = options.issuer ?? providers()[0]?.issuer ?? "https://oidc.example.com";
      const algorithm = algorithmOf(issuer);
      const key = options.foreignKey ? newKey(algorithm) : keyOf(issuer);
      const claims = serviceAccountClaims(options, issuer, Math.floor(clock.now() / 1000));
      const token = signJwt(algorithm, key.privateKey, { ...claims, ...options.claims });
      issued.push(token);
      return token;
    },
    verifies(provider, token) {
      const given = (provider.keys ?? []).map((jwk) =>
        createPublicKey({ key: jwk as JsonWebKey, format: "jwk" }),
      );
      return [keyOf(provider.issuer).publicKey, ...given].some((key) => verifyJwt(token, key));
    },
    jwks: (issuer) => ({
      keys: [
        {
          ...keyOf(issuer).publicKey.export({ format: "jwk" }),
          use: "sig",
          alg: algorithmOf(issuer),
          kid: "simulated",
        },
      ],
    }),
  };
}

/** The claims of a bound service account token, as kube-apiserver writes them. */
function serviceAccountClaims(options: ServiceAccountTokenOptions, issuer: string, now: number): object {
  const { namespace, serviceAccount, podName, nodeName } = options;
  const issuedAt = now - (options.issuedSecondsAgo ?? 0);
  return {
    iss: issuer,
    sub: `system:serviceaccount:${namespace}:${serviceAccount}`,
    aud: [options.audience ?? "sts.aliyuncs.com"].flat(),
    iat: issuedAt,
    nbf: issuedAt,
    exp: now + (options.expiresInSeconds ?? 3600),
    jti: randomUUID(),
    "kubernetes.io": {
      namespace,
      serviceaccount: { name: serviceAccount, uid: options.uid ?? randomUUID() },
      ...(podName ? { pod: { name: podName, uid: options.podUid ?? randomUUID() } } : {}),
      ...(nodeName ? { node: { name: nodeName, uid: randomUUID() } } : {}),
    },
  };
}

function newKey(algorithm: Algorithm): KeyPair {
  return algorithm === "RS256"
    ? generateKeyPairSync("rsa", { modulusLength: 2048 })
    : generateKeyPairSync("ec", { namedCurve: "P-256" });
}

function signJwt(algorithm: Algorithm, privateKey: KeyObject, claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${part({ alg: algorithm, kid: "simulated" })}.${part(claims)}`;
  const signature = sign("sha256", Buffer.from(text), { key: privateKey, dsaEncoding: "ieee-p1363" });
  return `${text}.${signature.toString("base64url")}`;
}

function verifyJwt(token: string, key: KeyObject): boolean {
  const at = token.lastIndexOf(".");
  const signature = Buffer.from(token.slice(at + 1), "base64url");
  return verify("sha256", Buffer.from(token.slice(0, at)), { key, dsaEncoding: "ieee-p1363" }, signature);
}
