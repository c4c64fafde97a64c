import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { instanceCorp, keyA } from "../../../test/cloud/defaultWorld.ts";
import { build } from "../../../test/kubelet/setup/build.ts";
import { kubeletRequest } from "../../../test/support/request.ts";
import { root } from "../../project.ts";
import { type CloudProcess, firstLine } from "../cloudProcess.ts";
import type { Measured } from "../time.ts";
import { freshCopy } from "./pages.ts";

export const HOST = "corp-registry.cn-hangzhou.cr.aliyuncs.com";
const folder = `${root}.cache/bench/peers`;
const sources = `${root}scripts/bench/peers`;

/** A program that is measured beside ours, and how it is run. */
export interface Peer {
  readonly who: "minimal" | "ecr" | "acrHelper";
  readonly path: string;
  /** For an image that is not its own; ECR's asks for a token whatever the image is. */
  readonly refuse?: Measured;
  readonly call: Measured;
  /** The same over HTTP, where it can. */
  readonly plainCall?: Measured;
}

export interface Peers {
  readonly minimal: Peer;
  readonly ecr: Peer;
  readonly acrHelper: Peer;
  /** Where the minimal plugin keeps its token. */
  readonly minimalCache: string;
  /** A proxy that leads all hosts to the simulated cloud: the ACR helper knows no endpoint but the real ones. */
  readonly proxy: string;
  ecrCalls(): Promise<number>;
  delayEcr(ms: number): Promise<void>;
  stop(): Promise<void>;
}

const helperPackage = "github.com/mozillazg/docker-credential-acr-helper/cmd/docker-credential-acr-helper";
const programs = {
  minimal: { folder: sources, sources: "./minimal" },
  ecr: { folder: sources, sources: "k8s.io/cloud-provider-aws/cmd/ecr-credential-provider" },
  acrHelper: { folder: `${root}test/officialClients/helper`, sources: helperPackage },
} as const;

/** The version of a module, as the go.mod has it that pins it. */
export function pinnedVersion(goMod: string, module: string): string {
  const found = new RegExp(`${module} (v\\S+)`).exec(readFileSync(`${root}${goMod}`, "utf8"));
  if (found?.[1] === undefined) throw new Error(`${goMod} does not pin ${module}`);
  return found[1];
}

/** Builds the peers with Go, and starts what they talk to. @throws Error where Go is missing or a module is not to be had. */
export async function startPeers(cloud: CloudProcess): Promise<Peers> {
  mkdirSync(folder, { recursive: true });
  const path = (who: keyof typeof programs) => `${folder}/${who}`;
  for (const [who, program] of Object.entries(programs)) {
    const output = path(who as keyof typeof programs);
    await build({ output: `${output}.built`, modfile: "go.mod", ldflags: "-s -w", ...program });
    freshCopy(`${output}.built`, output);
  }
  const servers = await startServers(cloud);
  const minimalCache = `${folder}/token.json`;
  const minimal = (endpoint: string, image: string): Measured => ({
    argv: [path("minimal"), minimalConfig(endpoint, cloud.caFile, minimalCache)],
    stdin: kubeletRequest(image),
  });
  const ecr = (endpoint: string): Measured => ({
    argv: [path("ecr")],
    stdin: kubeletRequest("123456789012.dkr.ecr.us-east-1.amazonaws.com/apps/web"),
    env: ecrEnvironment(endpoint, cloud.caFile),
  });
  const helper: Measured = {
    argv: [path("acrHelper"), "get"],
    stdin: `${HOST}\n`,
    env: helperEnvironment(servers.proxy, cloud.caFile),
  };
  // Told which instance it is, it asks for a token whatever the host is.
  const { DOCKER_CREDENTIAL_ACR_HELPER_INSTANCE_ID: _instance, ...untold } = helper.env ?? {};
  const other = "docker.io/library/nginx";
  return {
    minimal: {
      who: "minimal",
      path: path("minimal"),
      refuse: minimal(cloud.endpoints.acr, other),
      call: minimal(cloud.endpoints.acr, `${HOST}/apps/web`),
      plainCall: minimal(cloud.endpoints.acrHttp, `${HOST}/apps/web`),
    },
    ecr: {
      who: "ecr",
      path: path("ecr"),
      call: ecr(servers.https),
      plainCall: ecr(servers.http),
    },
    acrHelper: {
      who: "acrHelper",
      path: path("acrHelper"),
      refuse: { ...helper, env: untold, stdin: "docker.io\n", status: 1 },
      call: helper,
    },
    minimalCache,
    proxy: servers.proxy,
    ecrCalls: async () => (await fetch(`${servers.http}/calls`)).json() as Promise<number>,
    delayEcr: async (ms) => {
      await fetch(`${servers.http}/delay?ms=${ms}`, { method: "POST" });
    },
    stop: servers.stop,
  };
}

interface Servers {
  readonly http: string;
  readonly https: string;
  readonly proxy: string;
  stop(): Promise<void>;
}

async function startServers(cloud: CloudProcess): Promise<Servers> {
  const certificate = await cloud.certificate(["127.0.0.1"]);
  const stdin = Buffer.from(JSON.stringify({ ...certificate, cloud: cloud.endpoints.api }));
  const command = [process.execPath, `${sources}/servers.ts`];
  const child = Bun.spawn(command, { stdin, stdout: "pipe", stderr: "inherit" });
  const stop = async () => {
    child.kill();
    await child.exited;
  };
  return { ...JSON.parse(await firstLine(child.stdout)), stop };
}

function minimalConfig(endpoint: string, caFile: string, cacheFile: string): string {
  const file = `${folder}/${new URL(endpoint).protocol.slice(0, -1)}.json`;
  const config = {
    host: HOST,
    instanceId: instanceCorp,
    endpoint,
    caFile: endpoint.startsWith("https:") ? caFile : "",
    cacheFile,
    accessKeyId: keyA.id,
    accessKeySecret: keyA.secret,
  };
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}

/** The variables of https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html. */
function ecrEnvironment(endpoint: string, caFile: string): Record<string, string> {
  return {
    HOME: folder,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "AKIAEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "example",
    AWS_ENDPOINT_URL_ECR: endpoint,
    AWS_CA_BUNDLE: caFile,
    AWS_EC2_METADATA_DISABLED: "true",
  };
}

function helperEnvironment(proxy: string, caFile: string): Record<string, string> {
  return {
    HOME: folder,
    SSL_CERT_FILE: caFile,
    HTTPS_PROXY: proxy,
    HTTP_PROXY: proxy,
    ALIBABA_CLOUD_ACCESS_KEY_ID: keyA.id,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: keyA.secret,
    DOCKER_CREDENTIAL_ACR_HELPER_INSTANCE_ID: instanceCorp,
    DOCKER_CREDENTIAL_ACR_HELPER_REGION: "cn-hangzhou",
  };
}
