import { writeFileSync } from "node:fs";
import type { Certificate } from "../../cloud/http/certificates.ts";
import { state } from "./inside.ts";
import { type Service, startService, waitFor } from "./service.ts";

export interface RegistryOptions {
  readonly name: string;
  /** `HOST:PORT` to listen on. */
  readonly address: string;
  /** Left out: plain HTTP for everybody, to fill the storage with. */
  readonly authentication?: {
    readonly realm: string;
    readonly service: string;
    readonly issuer: string;
    /** Who has certified the issuer (PEM file). */
    readonly rootcertbundle: string;
  };
  readonly certificate?: Certificate;
  /** Layers are not served but redirected: to the storage's paths below this URL. */
  readonly layers?: string;
}

/** Starts Debian's docker-registry. All registries of the node share one storage. */
export async function startRegistry({
  name,
  address,
  authentication,
  certificate,
  layers,
}: RegistryOptions): Promise<Service> {
  const file = (kind: string) => `${state}/${name}.${kind}`;
  if (certificate) {
    writeFileSync(file("key"), certificate.key);
    writeFileSync(file("crt"), certificate.cert);
  }
  const tls = certificate && { certificate: file("crt"), key: file("key") };
  // The registry reads YAML, of which JSON is a part.
  const config = {
    version: "0.1",
    log: { level: "info", formatter: "json" },
    storage: { filesystem: { rootdirectory: `${state}/storage` } },
    http: { addr: address, secret: "shared", ...(tls && { tls }) },
    ...(authentication && { auth: { token: authentication } }),
    ...(layers && { middleware: { storage: [{ name: "redirect", options: { baseurl: layers } }] } }),
  };
  writeFileSync(file("json"), JSON.stringify(config));
  const registry = startService(name, ["docker-registry", "serve", file("json")]);
  await waitFor(`registry ${name}`, () => registry.log().includes("listening on"), { log: registry.log });
  return registry;
}

/** One line of a registry's log, as far as the tests read it. */
interface LogLine {
  readonly msg: string;
  readonly "http.request.host"?: string;
  readonly "http.request.uri"?: string;
}

/** What the registry was asked for with a bearer token that it accepted: `HOST/URI`. */
export function authorisedRequests(registry: Service, since = 0): string[] {
  return registry
    .logSince(since)
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as LogLine)
    .filter((line) => line.msg === "authorized request")
    .map((line) => `${line["http.request.host"]}${line["http.request.uri"]}`);
}
