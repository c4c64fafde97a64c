import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { root } from "../../scripts/project.ts";
import { askedByAnnotations } from "../../src/access/annotations.ts";
import { decodeEntry } from "../../src/cache/fileCache.ts";
import { loadConfig, validateConfig } from "../../src/config/loadConfig.ts";
import { parseServiceAccount } from "../../src/identity/serviceAccount.ts";
import { parseRequest } from "../../src/plugin/request.ts";
import { imageHost } from "../../src/registry/imageReference.ts";
import { kubeletRequest } from "../support/request.ts";
import { defaultConfig } from "../support/testRun.ts";
import { CANARY, guarded, type Target } from "./target.ts";
import { edited, editedJson } from "./texts.ts";

const image = "corp-registry.cn-hangzhou.cr.aliyuncs.com:443/apps/web:v1@sha256:abc";
const annotations = {
  "k8s.aliyun.com/acr-instance-ids": "cn-beijing:cri-beij000000000000,cri-corp000000000000",
  "k8s.aliyun.com/acr-service-arns": "acs:ram::1609982529000000:role/role-assume",
  "k8s.aliyun.com/acr-user-arns": "acs:ram::1298452580000000:role/role-acr",
  "pod-identity.alibabacloud.com/role-name": "pod-puller",
};
const claims = {
  iss: "https://oidc.example.com",
  sub: "system:serviceaccount:apps:puller",
  aud: ["sts.aliyuncs.com"],
  exp: 1_795_000_000,
  "kubernetes.io": {
    namespace: "apps",
    serviceaccount: { name: "puller", uid: "0-1" },
    node: { name: "n1" },
  },
};
const secret = `${CANARY}secret0123456789`;

function jwtOf(payload: string): string {
  return `eyJhbGciOiJSUzI1NiJ9.${Buffer.from(payload).toString("base64url")}.${CANARY}signature`;
}

const requests = [
  kubeletRequest(image),
  kubeletRequest(image, { serviceAccountToken: jwtOf("{}"), serviceAccountAnnotations: annotations }),
];

const request: Target = {
  name: "request",
  property: fc.asyncProperty(fc.oneof(edited(requests), fc.string({ unit: "binary" })), async (text) => {
    const outcome = await guarded(() => parseRequest(Buffer.from(text)));
    if ("failure" in outcome && outcome.failure.exitStatus !== 2) throw new Error("a bad request is exit 2");
    if ("value" in outcome && typeof outcome.value.image !== "string") throw new Error("no image");
  }),
};

const imageReference: Target = {
  name: "image",
  property: fc.asyncProperty(
    fc.oneof(edited([image, "nginx", "https://a.b/c"]), fc.string()),
    async (text) => {
      const outcome = await guarded(() => imageHost(text));
      if ("failure" in outcome) return;
      const host = outcome.value;
      const isPrefix = text.replace(/^[^/]*:\/\//, "").startsWith(`${host}/`);
      if (!isPrefix && host !== "docker.io") throw new Error(`${host} is not the host of ${text}`);
    },
  ),
};

/** Every form of identity and of registry, and a secret where it belongs. */
const nativeConfig = `apiVersion: aliyun-acr-credential-provider/v1
kind: ProviderConfig
registries:
  - instanceId: cri-corp000000000000
    instanceName: corp
    regionId: cn-hangzhou
    domains: [images.example.com, "other.example.com:8443"]
    network: vpc
    identity: {source: ecsRamRole, roleName: worker}
  - instanceId: ""
    fixedCredentials: {directory: /etc/keys}
    domains: crpi-abc.cn-hangzhou.personal.cr.aliyuncs.com
discovery: auto
defaultRegion: cn-hangzhou
expiringThreshold: 15m
identity:
  source: accessKey
  accessKeyId: LTAIexample
  accessKeySecret: ${secret}
  assumeRoles:
    - roleArn: acs:ram::1609982529000000:role/role-acr
      durationSeconds: 3600
access:
  namespaces: ["*"]
cache: {enabled: true, directory: /run/aliyun-acr-credential-provider}
timeouts: {total: 25s, request: 5s}
endpoints: {acr: "http://127.0.0.1:1"}
log: {level: info, maxSize: 10MiB}
`;

const samples = `${root}test/config/samples/`;
const configMaps = [
  ...readdirSync(samples).map((name) => readFileSync(samples + name, "utf8")),
  `apiVersion: v1
kind: ConfigMap
metadata: {name: acr-configuration, namespace: kube-system}
data:
  acr-registry-info: |-
    - instanceId: "cri-corp000000000000"
      regionId: cn-hangzhou
      domains: images.example.com,other.example.com
      customAccessKey: LTAIexample
      customAccessKeySecret: ${secret}
      assumeRoleARN: acs:ram::1609982529000000:role/role-acr
      expireDuration: "3600"
  watch-namespace: all
  service-account: "*"
  expiring-threshold: 15m
  provider-config: |-
    cache: {enabled: false}
`,
];

function config(name: string, texts: readonly string[]): Target {
  return {
    name,
    property: fc.asyncProperty(edited(texts), async (text) => {
      const files = { read: () => ({ text, mode: 0o600, uid: 0 }) };
      const outcome = await guarded((secrets) =>
        loadConfig({ flag: "/fuzz.yaml", env: {}, files, onSecret: (value) => secrets.add(value) }),
      );
      if ("failure" in outcome && outcome.failure.exitStatus !== 2) throw new Error("a bad config is exit 2");
      const validation = await guarded(() => validateConfig({ flag: "/fuzz.yaml", env: {}, files }));
      if ("failure" in validation) return;
      // `config validate` and the plugin are of one mind.
      const isGood = validation.value.errors.length === 0;
      if (isGood !== "value" in outcome) throw new Error("validate and load disagree");
    }),
  };
}

const cacheFile: Target = {
  name: "cacheFile",
  property: fc.asyncProperty(
    edited([`${"0".repeat(64)}\n{"kind":"token","key":"k","storedAt":1,"expiresAt":2,"value":{}}`]),
    async (text) => {
      const outcome = await guarded(() => decodeEntry(text));
      // No text without its own digest in front of it counts.
      if (!("value" in outcome) || outcome.value !== undefined) throw new Error("a damaged entry counts");
    },
  ),
};

const serviceAccount: Target = {
  name: "serviceAccountToken",
  property: fc.asyncProperty(
    fc.oneof(
      editedJson(claims).map((payload) => jwtOf(JSON.stringify(payload))),
      edited([JSON.stringify(claims)]).map(jwtOf),
      edited([jwtOf(JSON.stringify(claims))]),
    ),
    async (token) => {
      const outcome = await guarded((secrets) => {
        secrets.add(token);
        return parseServiceAccount(token, {});
      });
      if ("failure" in outcome) return;
      const { namespace, name, subject } = outcome.value;
      if (subject !== `system:serviceaccount:${namespace}:${name}`)
        throw new Error("another service account");
    },
  ),
};

const annotationsTarget: Target = {
  name: "annotations",
  property: fc.asyncProperty(
    fc.dictionary(fc.constantFrom(...Object.keys(annotations)), edited(Object.values(annotations))),
    async (asked) => {
      const config = { ...defaultConfig, serviceAccountAnnotations: { enabled: true, allowedRoleArns: [] } };
      const holder = parseServiceAccount(jwtOf(JSON.stringify(claims)), asked);
      const outcome = await guarded(() => askedByAnnotations(config, holder));
      if ("failure" in outcome) return;
      const { instances, serviceArns, userArns } = outcome.value;
      const isGood =
        instances.every(({ instanceId }) => /^cri-[a-z0-9]+$/.test(instanceId)) &&
        [...serviceArns, ...userArns].every((arn) => /^acs:ram::\d+:role\/[\w.-]+$/.test(arn));
      if (!isGood) throw new Error(`taken for good: ${JSON.stringify(outcome.value)}`);
    },
  ),
};

export const parserTargets: readonly Target[] = [
  request,
  imageReference,
  config("config", [nativeConfig]),
  config("configMap", configMaps),
  cacheFile,
  serviceAccount,
  annotationsTarget,
];
