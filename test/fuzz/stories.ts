import fc from "fast-check";
import { stringify } from "yaml";
import type { Cache } from "../../src/cache/cache.ts";
import { loadConfig } from "../../src/config/loadConfig.ts";
import { comparableHost } from "../../src/host/hostName.ts";
import { answerOf } from "../../src/plugin/answer.ts";
import { type Outcome, provide, pullOf } from "../../src/plugin/provide.ts";
import type { PluginRequest } from "../../src/plugin/request.ts";
import type { Run } from "../../src/run/run.ts";
import { memoryCache, testRun } from "../support/testRun.ts";
import { fakeAcr, owners, passwordOf, personalHosts, rightfulOwner } from "./fakeAcr.ts";
import { CANARY, guarded, type Target } from "./target.ts";
import { edited, editedJson } from "./texts.ts";

const head = { apiVersion: "aliyun-acr-credential-provider/v1", kind: "ProviderConfig" };
const knownHosts = [...owners.flatMap(({ domains }) => domains), ...personalHosts];

/** A known host, or one that somebody would like to be taken for it. */
const host = fc.oneof(
  fc.constantFrom(...knownHosts),
  fc.constantFrom(...knownHosts).map((name) => name.toUpperCase()),
  fc
    .tuple(
      fc.constantFrom(...knownHosts),
      fc.constantFrom(":443", ":8443", ":0443", ".", ".evil.example", "@evil.example", "%2eevil", "#", "?"),
    )
    .map(([name, end]) => name + end),
  fc
    .tuple(
      fc.constantFrom("evil.", "evil-", "x", "registry.", "user@", "\u212a"),
      fc.constantFrom(...knownHosts),
    )
    .map(([start, name]) => start + name),
  edited(knownHosts, 2),
  fc.domain(),
);

const entryDomains = fc.array(fc.constantFrom(...knownHosts, "other.example.com:8443"), {
  minLength: 1,
  maxLength: 2,
});

/** An instance by its ID, and by its own name or none: a wrong name would be the operator's own word. */
const entry = fc.constantFrom(...owners, undefined).chain((owner) =>
  fc.record(
    {
      instanceId: fc.constant(owner?.instanceId ?? ""),
      regionId: fc.constantFrom("cn-hangzhou", "cn-beijing"),
      domains: entryDomains,
      ...(owner === undefined ? {} : { instanceName: fc.constant(owner.instanceName) }),
    },
    { requiredKeys: ["instanceId"] },
  ),
);

const config = fc.record({
  registries: fc.uniqueArray(entry, { selector: ({ instanceId }) => instanceId, maxLength: 3 }),
  discovery: fc.constantFrom("auto", "always", "never"),
  network: fc.constantFrom("auto", "vpc", "public"),
  serviceAccountAnnotations: fc.record({ enabled: fc.boolean() }),
});

const annotations = fc.record(
  {
    "k8s.aliyun.com/acr-instance-ids": fc
      .array(fc.constantFrom("cri-corp", "cri-shared", "cn-beijing:cri-teama", "cn-hangzhou:cri-teama"), {
        minLength: 1,
        maxLength: 3,
      })
      .map((items) => items.join(",")),
  },
  { requiredKeys: [] },
);

const pull = fc.record({ host, annotations, accessKeyId: fc.constantFrom("LTAIfirst", "LTAIsecond") });

function jwt(): string {
  const claims = {
    iss: "https://oidc.example.com",
    sub: "system:serviceaccount:apps:puller",
    aud: ["sts.aliyuncs.com"],
    exp: 4_000_000_000,
  };
  return `eyJhbGciOiJSUzI1NiJ9.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2ln`;
}

function requestOf(image: string, asked: Readonly<Record<string, string>> = {}): PluginRequest {
  return {
    apiVersion: "credentialprovider.kubelet.k8s.io/v1",
    image,
    serviceAccountToken: jwt(),
    serviceAccountAnnotations: asked,
  };
}

async function runOf(native: object, accessKeyId: string, cache: Cache, fetch: Run["fetch"]) {
  const identity = { source: "accessKey", accessKeyId, accessKeySecret: `${CANARY}secretOf${accessKeyId}` };
  const text = stringify({ ...head, defaultRegion: "cn-hangzhou", identity, ...native });
  const files = { read: () => ({ text, mode: 0o600, uid: 0 }) };
  const loaded = await loadConfig({ env: {}, flag: "/fuzz.yaml", files });
  return testRun({ config: loaded, cache, fetch, env: { ALIBABA_CLOUD_ECS_METADATA_DISABLED: "true" } });
}

/** Pulls by two identities over one cache: each host gets its owner's credentials, for whoever asks, or none. */
const story: Target = {
  name: "story",
  property: fc.asyncProperty(
    config,
    fc.array(pull, { minLength: 1, maxLength: 4 }),
    async (native, pulls) => {
      const asked = new Set<string>();
      const cache = memoryCache();
      for (const { host: name, annotations: wanted, accessKeyId } of pulls) {
        const outcome = await guarded(async (secrets) => {
          const run = { ...(await runOf(native, accessKeyId, cache, fakeAcr(asked))), secrets };
          return unlessFailed(await provide(run, pullOf(run, requestOf(`${name}/apps/web`, wanted))));
        });
        if ("value" in outcome) checkOwner(outcome.value, name, accessKeyId, native.registries);
      }
      const elsewhere = [...asked].filter((one) => !/^cr(-vpc)?\.[a-z0-9-]+\.aliyuncs\.com$/.test(one));
      if (elsewhere.length > 0) throw new Error(`requests went to ${elsewhere}`);
    },
  ),
};

/** The outcome; a failure is thrown, so that its words are searched for secrets. */
function unlessFailed(outcome: Outcome): Outcome {
  if ("failure" in outcome) throw outcome.failure;
  return outcome;
}

interface ConfiguredEntry {
  readonly instanceId: string;
  readonly domains?: readonly string[] | undefined;
}

function checkOwner(
  outcome: Outcome,
  name: string,
  accessKeyId: string,
  registries: readonly ConfiguredEntry[],
): void {
  if (outcome.kind !== "credentials") return;
  if (!`${name}/apps/web`.startsWith(`${outcome.host}/`)) throw new Error(`credentials for ${outcome.host}`);
  const rightful = [rightfulOwner(outcome.host), ...configuredOwners(outcome.host, registries)];
  const accepted = rightful.map((whose) => whose && passwordOf(whose, accessKeyId));
  if (!accepted.includes(outcome.credentials.password)) {
    throw new Error(`${outcome.host} got the ${outcome.credentials.password}`);
  }
}

/** An entry's `domains` are the operator's own word for who answers for a host. */
function configuredOwners(name: string, registries: readonly ConfiguredEntry[]): string[] {
  const naming = registries.filter(({ domains = [] }) =>
    domains.some((one) => comparableHost(one) === comparableHost(name)),
  );
  return naming.flatMap(({ instanceId }) =>
    instanceId === "" ? ["personal cn-hangzhou", "personal cn-beijing"] : [instanceId],
  );
}

const rightAnswer = {
  Code: "Success",
  IsSuccess: true,
  RequestId: "2F1A5A60-1111-2222-3333-444455556666",
  TempUsername: "cr_temp_user",
  AuthorizationToken: `${CANARY}-token-0123456789`,
  ExpireTime: 4_000_000_000_000,
  data: { tempUserName: "u", authorizationToken: `${CANARY}-token-personal`, expireDate: 4_000_000_000_000 },
  TotalCount: 1,
  Instances: [{ InstanceId: "cri-corp", InstanceName: "corp", InstanceStatus: "RUNNING" }],
  Endpoints: [{ Enable: true, Domains: [{ Domain: "corp-registry.cn-hangzhou.cr.aliyuncs.com" }] }],
  AccessKeyId: "STS.1",
  AccessKeySecret: `${CANARY}-secret-0123456789`,
  SecurityToken: `${CANARY}-security-0123456789`,
  Expiration: "2096-01-01T00:00:00Z",
  Credentials: {
    AccessKeyId: "STS.2",
    AccessKeySecret: `${CANARY}-secret-9876543210`,
    SecurityToken: `${CANARY}-security-9876543210`,
    Expiration: "2096-01-01T00:00:00Z",
  },
};
const wrongAnswer = {
  Code: "NoPermission",
  Message: "You are not authorized. Signature=CANARYsignature&SecurityToken=CANARYtoken",
  RequestId: "2F1A5A60-1111-2222-3333-444455556666",
  AccessDeniedDetail: { AuthAction: "cr:GetAuthorizationToken" },
};

const body = fc.oneof(
  fc.constant(JSON.stringify(rightAnswer)),
  editedJson(rightAnswer).map((value) => JSON.stringify(value)),
  editedJson(wrongAnswer).map((value) => JSON.stringify(value)),
  edited([JSON.stringify(rightAnswer), JSON.stringify(wrongAnswer)]),
  fc.constantFrom("cn-hangzhou", "worker-role", "", "<html>"),
);
const headerValue = fc.oneof(
  fc.constantFrom("0", "-1", "1e9", "soon", "Fri, 31 Dec 9999 23:59:59 GMT"),
  fc.string(),
);
const response = fc.record({
  status: fc.constantFrom(200, 200, 200, 200, 201, 299, 301, 400, 403, 404, 429, 500, 503, 599),
  body,
  headers: fc.dictionary(
    fc.constantFrom(
      "date",
      "retry-after",
      "x-acs-retry-after",
      "x-acs-request-id",
      "content-encoding",
      "content-type",
    ),
    headerValue.filter((text) => /^[\x20-\x7e]*$/.test(text)),
    { maxKeys: 3 },
  ),
});

const identities = [
  {},
  { identity: { source: "ecsRamRole" } },
  { identity: { source: "credentialsUri", uri: "https://credentials.example/x" } },
  {
    identity: {
      source: "ecsRamRole",
      roleName: "worker",
      assumeRoles: [{ roleArn: "acs:ram::1609982529000000:role/role-acr" }],
    },
  },
  {
    identity: {
      source: "serviceAccountToken",
      roleArn: "acs:ram::1609982529000000:role/pod",
      oidcProviderArn: "acs:ram::1609982529000000:oidc-provider/p",
    },
  },
];
const images = [
  "corp-registry.cn-hangzhou.cr.aliyuncs.com/a",
  "registry.cn-hangzhou.aliyuncs.com/a",
  "images.example.com/a",
];

/** Whatever the cloud answers: credentials that are some, or a failure without a secret. */
const apiAnswers: Target = {
  name: "apiAnswers",
  property: fc.asyncProperty(
    fc.constantFrom(...identities),
    fc.constantFrom(...images),
    fc.array(response, { minLength: 1, maxLength: 6 }),
    async (identity, image, responses) => {
      let count = 0;
      const fetch = async () => {
        const {
          status,
          body: text,
          headers,
        } = responses[count++ % responses.length] as (typeof responses)[number];
        return new Response(text, { status, headers });
      };
      const native = { registries: [{ instanceId: "cri-corp" }, { instanceId: "" }], ...identity };
      const request = requestOf(image);
      const outcome = await guarded(async (secrets) => {
        secrets.add(request.serviceAccountToken);
        const run = await runOf(native, "LTAIfirst", memoryCache(), fetch);
        const own = { ...run, env: {}, secrets };
        return unlessFailed(await provide(own, pullOf(own, request)));
      });
      if ("value" in outcome && outcome.value.kind === "credentials") checkAnswer(request, outcome.value);
    },
  ),
};

function checkAnswer(request: PluginRequest, outcome: Outcome & { kind: "credentials" }): void {
  const { host: name } = outcome;
  const answer = answerOf(outcome, request.apiVersion);
  const text = "response" in answer ? answer.response : "";
  const { auth, cacheDuration, ...rest } = JSON.parse(text);
  const { username, password } = auth[name];
  const isGood =
    text.indexOf("\n") === text.length - 1 &&
    /^\d{1,5}s$/.test(cacheDuration) &&
    [username, password].every((one) => typeof one === "string" && one !== "") &&
    Object.keys(rest).sort().join() === "apiVersion,cacheKeyType,kind";
  if (!isGood) throw new Error(`an answer that is none: ${text}`);
}

export const storyTargets: readonly Target[] = [story, apiAnswers];
