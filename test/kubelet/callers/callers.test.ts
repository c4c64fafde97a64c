import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { type Cloud, startCloud } from "../../cloud/cloud.ts";
import { instanceCorp } from "../../cloud/defaultWorld.ts";
import { type TestNode, testNode } from "../../support/node.ts";

const corp = "corp-registry.cn-hangzhou.cr.aliyuncs.com";

interface Caller {
  readonly who: string;
  readonly version: string;
  readonly image: string;
  /** Fields that this caller adds. */
  readonly more?: Record<string, unknown>;
  readonly env?: Record<string, string>;
  /** What follows the JSON object. */
  readonly end: "\n" | "";
}

/** A container has its own environment, and no part of the node's. */
const container = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  HOSTNAME: "kruise-daemon-x7k2p",
  HOME: "/",
  KUBERNETES_SERVICE_HOST: "172.16.0.1",
  KUBERNETES_SERVICE_PORT: "443",
};

const callers: readonly Caller[] = [
  // github.com/containerd/nydus-snapshotter encodes its own request, with the whole reference.
  { who: "nydus-snapshotter, a tag", version: "v1", image: `${corp}/team/web:1.2`, end: "" },
  {
    who: "nydus-snapshotter, a digest",
    version: "v1",
    image: `${corp}/team/web@sha256:${"a".repeat(64)}`,
    end: "",
  },
  {
    who: "nydus-snapshotter, both",
    version: "v1",
    image: `${corp}/team/web:1.2@sha256:${"a".repeat(64)}`,
    end: "",
  },
  // github.com/openkruise/kruise links the kubelet's package and runs it in a container.
  {
    who: "kruise-daemon before 1.26 types",
    version: "v1beta1",
    image: `${corp}/team/web`,
    env: container,
    end: "\n",
  },
  { who: "kruise-daemon", version: "v1", image: `${corp}/team/web`, env: container, end: "\n" },
  // github.com/rancher/wharfie links the kubelet's package too; RKE2 starts it with its own environment.
  { who: "wharfie", version: "v1", image: `${corp}/rancher/rke2-runtime`, env: { HOME: "/root" }, end: "\n" },
  { who: "wharfie of an older RKE2", version: "v1alpha1", image: `${corp}/rancher/rke2-runtime`, end: "\n" },
  // Requests of the future may say more.
  {
    who: "a caller with further fields",
    version: "v1",
    image: `${corp}/web`,
    more: { pod: { name: "web" } },
    end: "\n",
  },
];

describe.skipIf(!process.env.ACR_TEST_KUBELET)("other callers", () => {
  let cloud: Cloud;
  let node: TestNode;

  beforeAll(async () => {
    cloud = await startCloud();
  });
  afterAll(() => cloud.stop());
  beforeEach(() => {
    node = testNode(cloud);
  });
  afterEach(() => node.remove());

  test.each(callers.map((caller) => [caller.who, caller] as const))("%s", async (_, caller) => {
    const { version, image, more, env, end } = caller;
    const apiVersion = `credentialprovider.kubelet.k8s.io/${version}`;
    const request = { kind: "CredentialProviderRequest", apiVersion, image, ...more };
    const ran = await node.run([], { stdin: JSON.stringify(request) + end, ...(env ? { env } : {}) });
    expect({ status: ran.status, stderr: ran.stderr }).toEqual({ status: 0, stderr: "" });

    const answer = JSON.parse(ran.stdout);
    expect(answer).toMatchObject({
      kind: "CredentialProviderResponse",
      apiVersion,
      cacheKeyType: "Registry",
    });
    // wharfie takes the first credential, nydus-snapshotter the one with the longest key: there is only one.
    expect(Object.keys(answer.auth)).toEqual([corp]);
    const { username, password } = answer.auth[corp];
    expect(cloud.acceptsRegistryLogin(username, password)?.instanceId).toBe(instanceCorp);
  });

  test("nydus-snapshotter asks every plugin: an image of another registry is answered without the network", async () => {
    cloud.reset();
    const request = { kind: "CredentialProviderRequest", apiVersion: "credentialprovider.kubelet.k8s.io/v1" };
    const ran = await node.run([], {
      stdin: JSON.stringify({ ...request, image: "docker.io/library/nginx:1.27" }),
    });
    expect(ran).toMatchObject({ status: 0, stderr: "" });
    expect(JSON.parse(ran.stdout)).toMatchObject({ cacheDuration: "0s", auth: {} });
    expect(cloud.requests).toEqual([]);
  });
});
