import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRegistryTokens, type RegistryLogin, type RegistryToken } from "./acr/registryTokens.ts";
import { defaultWorld } from "./defaultWorld.ts";
import { createFaults, type Faults } from "./faults/faultBook.ts";
import { createNonces } from "./gateway/nonces.ts";
import type { Operation } from "./gateway/operations.ts";
import { createRecords, type RequestRecord } from "./gateway/records.ts";
import { requestListener } from "./gateway/requestListener.ts";
import { type Certificate, createCertificateAuthority } from "./http/certificates.ts";
import { type Listening, listen } from "./http/listen.ts";
import type { ListenerRole } from "./http/receivedRequest.ts";
import { type Clock, createClock } from "./model/clock.ts";
import { type Revocation, revoke } from "./model/revoke.ts";
import { knownSecrets } from "./model/secrets.ts";
import { createSessions } from "./model/sessions.ts";
import { type ModelInput, patchWorld, type World } from "./model/world.ts";
import type { State } from "./state.ts";
import { createOidcIssuers, type ServiceAccountTokenOptions } from "./sts/oidcIssuer.ts";

/** `HOST:PORT` on loopback for each listener; port 0, the default, takes any free one. */
export interface ListenOptions {
  acr?: string | undefined;
  sts?: string | undefined;
  acrHttp?: string | undefined;
  stsHttp?: string | undefined;
  metadata?: string | undefined;
  credentialsUri?: string | undefined;
  /** ACR and STS behind one TLS address, told apart by the Host header; not opened by default. */
  api?: string | undefined;
}

export interface CloudOptions {
  /** Laid over `defaultWorld()` as a JSON Merge Patch. */
  model?: ModelInput | undefined;
  /** Life of registry tokens in milliseconds; see `World.tokenLifeMs`. */
  tokenLifeMs?: number | undefined;
  listen?: ListenOptions | undefined;
  /** Further names for the server certificates. */
  hosts?: string[] | undefined;
}

export interface Endpoints {
  /** `https://127.0.0.1:PORT` */
  acr: string;
  sts: string;
  /** `http://127.0.0.1:PORT` */
  acrHttp: string;
  stsHttp: string;
  metadata: string;
  /** `http://127.0.0.1:PORT/credentials` */
  credentialsUri: string;
  api?: string;
}

/** A simulated Alibaba Cloud. */
export interface Cloud {
  endpoints: Endpoints;
  /** The certificate of the cloud's own authority, PEM, in a temporary directory. */
  caFile: string;
  /** The model; may be changed at any time. */
  world: World;
  clock: Clock;
  faults: Faults;
  /** Every request since the start or the last `reset()`. */
  requests: RequestRecord[];
  /** Requests of an operation. */
  calls(operation?: Operation): RequestRecord[];
  /** What no honest client does, as `OPERATION: what`. */
  readonly violations: string[];
  /** Every registry user name and password issued so far. */
  issuedTokens: RegistryToken[];
  /** The login behind a registry user name and password, `undefined` if wrong or expired. */
  acceptsRegistryLogin(username: string, password: string): RegistryLogin | undefined;
  /** A bound service account token as a Kubernetes API server would sign it (JWT). */
  issueServiceAccountToken(options: ServiceAccountTokenOptions): string;
  /** The issuer's JWKS document. */
  jwks(issuer: string): { keys: object[] };
  /** A server certificate of the cloud's authority, for a registry beside it. */
  issueCertificate(hosts: string[]): Certificate;
  /** Takes something away; see `Revocation`. */
  revoke(what: Revocation): void;
  /** Every secret configured or issued so far, to look for leaks. */
  readonly secrets: string[];
  /** Forgets requests and faults and sets the clock right; keeps the model and what was issued. */
  reset(): void;
  stop(): Promise<void>;
}

/** Starts the cloud on loopback. */
export async function startCloud(options: CloudOptions = {}): Promise<Cloud> {
  const world = defaultWorld();
  patchWorld(world, options.model ?? {});
  if (options.tokenLifeMs !== undefined) world.tokenLifeMs = options.tokenLifeMs;
  const state = createState(world);
  const { clock, registryTokens, oidcIssuers } = state;
  const records = createRecords();
  const faults = createFaults();
  const authority = createCertificateAuthority("Simulated Alibaba Cloud");
  const tls = authority.issue([...serverNames(world, options.listen), ...(options.hosts ?? [])]);
  const directory = mkdtempSync(join(tmpdir(), "simulated-alibaba-cloud-"));
  const caFile = join(directory, "ca.pem");
  writeFileSync(caFile, authority.cert);

  const opened: Listening[] = [];
  async function open(name: keyof ListenOptions, role: ListenerRole, secure: boolean): Promise<string> {
    const handler = requestListener({ state, records, faults }, role, secure);
    const listening = await listen(
      options.listen?.[name] ?? "127.0.0.1:0",
      handler,
      secure ? tls : undefined,
    );
    opened.push(listening);
    return listening.url;
  }

  async function stop(): Promise<void> {
    await Promise.all(opened.map((listening) => listening.close()));
    rmSync(directory, { recursive: true, force: true });
  }

  const endpoints: Endpoints = {
    acr: await open("acr", "acr", true),
    sts: await open("sts", "sts", true),
    acrHttp: await open("acrHttp", "acr", false),
    stsHttp: await open("stsHttp", "sts", false),
    metadata: await open("metadata", "metadata", false),
    credentialsUri: `${await open("credentialsUri", "credentialsUri", false)}/credentials`,
    ...(options.listen?.api ? { api: await open("api", "api", true) } : {}),
  };

  return {
    endpoints,
    caFile,
    world,
    clock,
    faults,
    requests: records.requests,
    calls: records.calls,
    get violations() {
      return records.violations();
    },
    issuedTokens: registryTokens.issued,
    acceptsRegistryLogin: registryTokens.accept,
    issueServiceAccountToken: oidcIssuers.issue,
    jwks: oidcIssuers.jwks,
    issueCertificate: authority.issue,
    revoke: (what) => revoke(state, what),
    get secrets() {
      return knownSecrets(state);
    },
    reset() {
      records.clear();
      faults.clear();
      clock.skewMs = 0;
    },
    stop,
  };
}

function createState(world: World): State {
  const clock = createClock();
  return {
    world,
    clock,
    sessions: createSessions(clock),
    nonces: createNonces(),
    registryTokens: createRegistryTokens(world, clock),
    metadataTokens: { issued: new Map() },
    oidcIssuers: createOidcIssuers(world, clock),
  };
}

/** The addresses listened on and the real names of the API hosts. */
function serverNames(world: World, addresses: ListenOptions = {}): string[] {
  const regions = ["cn-hangzhou", "cn-beijing", "cn-shanghai", "ap-southeast-1", world.node.regionId];
  regions.push(...world.instances.map(({ regionId }) => regionId));
  const listened = Object.values(addresses as Record<string, string>).map((address) =>
    address.replace(/:\d*$/, ""),
  );
  const names = ["localhost", "127.0.0.1", ...listened, "aliyuncs.com", "*.aliyuncs.com"];
  return [...new Set([...names, ...regions.map((regionId) => `*.${regionId}.aliyuncs.com`)])];
}
