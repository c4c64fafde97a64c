import { existsSync } from "node:fs";
import { Failure } from "../../../../failure/failure.ts";
import { proxyChoice } from "../../../../openapi/proxy.ts";
import type { Environment } from "../../../../run/run.ts";
import type { Check } from "../../check.ts";
import type { JudgedConfig } from "../../judgedConfig.ts";
import { checksOf } from "../../makeCheck.ts";
import type { ObservedNode } from "../../observedNode.ts";
import { restartOf } from "./restart.ts";

const check = checksOf("kubelet");

/** Variables that change what the plugin does, besides those of proxies. */
const INFLUENTIAL =
  /^(?:ALIBABA_CLOUD_|ALIYUN_ACR_CREDENTIAL_PROVIDER_|SSL_CERT_FILE$|SSL_CERT_DIR$|NODE_EXTRA_CA_CERTS$)/;
const PROXIES = ["HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"];

/** What reaches the plugin by its environment: of the kubelet, and `env` of the provider, which wins. */
export function* environmentChecks(
  node: ObservedNode,
  judged: JudgedConfig,
  shell: Environment,
): Iterable<Check> {
  const { kubelet, envIsKubelets, noKubelet } = node;
  if (kubelet === undefined || !envIsKubelets) {
    const why = kubelet === undefined ? noKubelet : "it may not be read: run doctor as root";
    yield check("environment", "environment of the plugin").skipped(`${why}; this shell's is taken`);
    yield proxies(node);
    return;
  }
  yield* loader(node);
  yield proxies(node);
  yield* verification(node);
  yield home(node, judged, shell);
  yield differences(node, shell);
}

/** The dynamic loader of every executable obeys these: ld.so(8). */
function* loader(node: ObservedNode): Iterable<Check> {
  const set = ["LD_PRELOAD", "LD_LIBRARY_PATH"].filter((name) => node.env[name]);
  for (const name of set) {
    yield check("libraries", name).warning(
      `is ${node.env[name]}, and the plugin loads libraries from there`,
      `add to the provider in the kubelet's config: env: [{name: ${name}, value: ""}]; then: ${restartOf(node.kubelet)}`,
    );
  }
  if (set.length === 0) yield check("libraries", "LD_PRELOAD, LD_LIBRARY_PATH").ok("not set");
}

function proxies({ env, kubelet, envIsKubelets }: ObservedNode): Check {
  const found = check("proxy", PROXIES.join(", "));
  const set = PROXIES.flatMap((name) => {
    const value = env[name] || env[name.toLowerCase()];
    return value ? [`${name}=${withoutPassword(value)}`] : [];
  });
  try {
    // Any host that is not exempt: what counts is whether the value is one.
    for (const url of ["https://proxy.invalid", "http://proxy.invalid"]) proxyChoice(env, new URL(url));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return found.failed(error.message, `${error.remedy}, then: ${restartOf(kubelet)}`);
  }
  const whose = envIsKubelets ? "" : " (of this shell)";
  return found.ok(set.length === 0 ? `not set${whose}` : `${set.join(", ")}${whose}`);
}

function withoutPassword(value: string): string {
  return value.replace(/^([a-z][a-z0-9+.-]*:\/\/)?[^/]*@/i, "$1***@");
}

function* verification({ env }: ObservedNode): Iterable<Check> {
  if (env.NODE_TLS_REJECT_UNAUTHORIZED === "0") {
    yield check("tls", "NODE_TLS_REJECT_UNAUTHORIZED").warning(
      "is 0, and has no effect: the plugin verifies every certificate",
      "name the CA's file as tls.caFile in the config instead",
    );
  }
}

/** Where the plugin looks below HOME without being told to. */
const PROFILES = [".aliyun/config.json", ".alibabacloud/credentials"];

function home({ env }: ObservedNode, { validation, file }: JudgedConfig, shell: Environment): Check {
  const found = check("home", "HOME");
  const identities = [validation?.config, ...(validation?.config?.registries ?? [])].flatMap(
    (each) => each?.identity ?? [],
  );
  if (env.HOME) return found.ok(env.HOME);
  if (identities.some((identity) => identity.source === "profile" && identity.file === undefined)) {
    return found.failed(
      "is not set, so that the profile's file is not found",
      `name it in ${file}: identity: {source: profile, file: /root/.aliyun/config.json}`,
    );
  }
  const byHand = PROFILES.map((path) => `${shell.HOME}/${path}`).find((path) => existsSync(path));
  if (byHand !== undefined && identities.some(({ source }) => source === "auto")) {
    return found.warning(
      `is not set: by hand the plugin finds ${byHand}, from the kubelet it does not`,
      `name it in ${file}: identity: {source: profile, file: ${byHand}}`,
    );
  }
  return found.ok("is not set, and nothing needs it");
}

/** The reason for "works by hand, anonymous from the kubelet". */
function differences({ env, provider, kubelet }: ObservedNode, shell: Environment): Check {
  const found = check("shell", "variables of this shell that the plugin does not get");
  const mine = Object.keys(shell).filter((name) => INFLUENTIAL.test(name) || isProxy(name));
  const lost = mine.filter((name) => shell[name] && shell[name] !== env[name]);
  if (lost.length === 0) return found.ok("none that changes what it does");
  const where = provider
    ? `env of ${provider.name} (${provider.file}, line ${provider.line})`
    : "env of the provider";
  return found.warning(
    `by hand it behaves differently: ${lost.join(", ")}`,
    `if the plugin needs them, add them to ${where}, then: ${restartOf(kubelet)}; secrets belong into the config's identity.directory`,
  );
}

function isProxy(name: string): boolean {
  return PROXIES.includes(name.toUpperCase());
}
