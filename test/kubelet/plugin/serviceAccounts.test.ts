import { expect, test } from "bun:test";
import { instanceCorp, oidcProvider, roleAnyPod, rolePodPuller } from "../../cloud/defaultWorld.ts";
import { firesFor } from "../../documents/support/alertRules.ts";
import { seen } from "../../documents/support/markedBlocks.ts";
import type { Release } from "../setup/releases.ts";
import type { TokenAttributes } from "../support/kubeletConfig.ts";
import {
  corp,
  describeForEachRelease,
  instanceOf,
  type NodeWithKubelet,
  startNode,
} from "../support/nodeWithKubelet.ts";
import type { Lookup, ServiceAccount } from "../support/pluginCode.ts";

const image = `${corp}/team/web:1`;
const roleNameAnnotation = "pod-identity.alibabacloud.com/role-name";

const podIdentity = { source: "serviceAccountToken", roleArn: roleAnyPod, oidcProviderArn: oidcProvider };

interface Different {
  readonly identity?: object;
  readonly annotations?: boolean;
  readonly tokenAttributes?: Partial<TokenAttributes>;
}

function startWithServiceAccounts(
  release: Release,
  { identity, annotations, tokenAttributes }: Different = {},
) {
  const config = {
    identity: { ...podIdentity, ...identity },
    serviceAccountAnnotations: { enabled: annotations ?? false },
  };
  return startNode(release, { config, ...(tokenAttributes && { provider: { tokenAttributes } }) });
}

/** A service account as the API server knows it, with a token as the API server would sign it. */
function serviceAccount(
  { cloud }: NodeWithKubelet,
  name: string,
  annotations: ServiceAccount["annotations"] = {},
) {
  const [namespace = "", account = ""] = name.split("/");
  const token = cloud.issueServiceAccountToken({ namespace, serviceAccount: account });
  return { [name]: { uid: `uid-of-${account}`, annotations, token } };
}

const pod = (name: string, account: string): Lookup => ({
  image,
  namespace: "apps",
  pod: name,
  podUid: `uid-of-${name}`,
  serviceAccount: account,
});

const staticPod: Lookup = { image, namespace: "kube-system", pod: "proxy-node", podUid: "uid-of-proxy" };

describeForEachRelease("service accounts", (release) => {
  test("the plugin gets a token for STS, bound to the pod, and pulls with the role of the service account", async () => {
    const node = await startWithServiceAccounts(release);
    const accounts = serviceAccount(node, "apps/puller");
    const { results, tokenRequests } = await node.kubelet.look([pod("web", "puller")], accounts);

    expect(instanceOf(node.cloud, results[0])).toBe(instanceCorp);
    expect(tokenRequests).toEqual([
      {
        namespace: "apps",
        serviceAccount: "puller",
        audiences: ["sts.aliyuncs.com"],
        pod: "web",
        podUid: "uid-of-web",
      },
    ]);
    expect(node.cloud.calls("AssumeRoleWithOIDC").map(({ parameters }) => parameters)).toMatchObject([
      { OIDCToken: accounts["apps/puller"]?.token, RoleArn: roleAnyPod, OIDCProviderArn: oidcProvider },
    ]);
  });

  test("in an outage the kubelet still learns whose credentials there are, and keeps nothing of it", async () => {
    const node = await startWithServiceAccounts(release);
    const accounts = serviceAccount(node, "apps/puller");
    node.cloud.faults.set({ operation: "AssumeRoleWithOIDC", kind: "status", status: 503 });
    const during = await node.kubelet.look([pod("web", "puller")], accounts);
    const [minor = 0] = release.version.split(".").slice(1).map(Number);
    expect(during.results[0]).toMatchObject({
      found: true,
      credentials: [
        {
          username: "alibaba-cloud-cannot-be-reached",
          ...(minor >= 35 ? { serviceAccount: "apps/puller" } : {}),
        },
      ],
    });
    expect(during.plugin).toMatchObject({ execs: 1, errors: 0 });

    node.cloud.faults.clear();
    const after = await node.kubelet.look([pod("web", "puller")]);
    expect(instanceOf(node.cloud, after.results[0])).toBe(instanceCorp);
  });

  test("annotations arrive: the service account names the role to assume", async () => {
    const node = await startWithServiceAccounts(release, { annotations: true });
    const accounts = serviceAccount(node, "apps/puller", {
      [roleNameAnnotation]: "pod-puller",
      other: "kept back",
    });
    const { results } = await node.kubelet.look([pod("web", "puller")], accounts);
    expect(instanceOf(node.cloud, results[0])).toBe(instanceCorp);
    expect(node.cloud.calls("AssumeRoleWithOIDC")[0]?.parameters.RoleArn).toBe(rolePodPuller);
  });

  test("an answer serves all pods of one service account and no other service account", async () => {
    const node = await startWithServiceAccounts(release);
    const accounts = { ...serviceAccount(node, "apps/puller"), ...serviceAccount(node, "apps/other") };
    const { kubelet } = node;
    expect((await kubelet.look([pod("web-1", "puller")], accounts)).plugin.execs).toBe(1);
    expect((await kubelet.look([pod("web-2", "puller")])).plugin.execs).toBe(1);

    const other = await kubelet.look([pod("web-3", "other")]);
    expect(other.plugin).toMatchObject({ execs: 2, errors: 0 });
    // Neither does the plugin's own cache give one service account what another one got.
    expect(node.cloud.issuedTokens).toHaveLength(2);
  });

  test("a service account made anew under the same name, or annotated anew, is another one", async () => {
    const node = await startWithServiceAccounts(release, { annotations: true });
    const { kubelet } = node;
    const { "apps/puller": first } = serviceAccount(node, "apps/puller") as { "apps/puller": ServiceAccount };
    const execsWith = async (account: ServiceAccount) =>
      (await kubelet.look([pod("web", "puller")], { "apps/puller": account })).plugin.execs;
    expect(await execsWith(first)).toBe(1);
    expect(await execsWith(first)).toBe(1);
    expect(await execsWith({ ...first, uid: "another" })).toBe(2);
    expect(await execsWith({ ...first, annotations: { [roleNameAnnotation]: "pod-puller" } })).toBe(3);
  });

  test("a static pod has no service account: the fallback identity pulls for it", async () => {
    const node = await startWithServiceAccounts(release, {
      identity: { fallback: { source: "ecsRamRole" } },
    });
    const { results, tokenRequests } = await node.kubelet.look([staticPod]);
    expect(instanceOf(node.cloud, results[0])).toBe(instanceCorp);
    expect(tokenRequests).toEqual([]);
    expect(node.cloud.calls("AssumeRoleWithOIDC")).toEqual([]);
  });

  test("with requireServiceAccount, as printed if there is no fallback, the plugin is not run for a static pod", async () => {
    const node = await startWithServiceAccounts(release);
    const { results, plugin } = await node.kubelet.look([staticPod]);
    expect(results[0]?.found).toBe(false);
    expect(plugin.execs).toBe(0);
  });

  test("without it a static pod is refused, and the kubelet's log says what to do", async () => {
    const node = await startWithServiceAccounts(release, {
      tokenAttributes: { requireServiceAccount: false },
    });
    const { results, plugin } = await node.kubelet.look([staticPod]);
    expect(results[0]?.found).toBe(false);
    expect(plugin).toMatchObject({ execs: 1, errors: 1 });
    expect(node.kubelet.log()).toContain("identity.fallback");
  });

  test("with a required annotation the plugin is not run for a service account without it", async () => {
    const node = await startWithServiceAccounts(release, {
      tokenAttributes: {
        requireServiceAccount: true,
        requiredServiceAccountAnnotationKeys: [roleNameAnnotation],
        optionalServiceAccountAnnotationKeys: [],
      },
    });
    const without = await node.kubelet.look([pod("web", "puller")], serviceAccount(node, "apps/puller"));
    expect(without.plugin.execs).toBe(0);
    const annotated = serviceAccount(node, "apps/puller", { [roleNameAnnotation]: "pod-puller" });
    expect((await node.kubelet.look([pod("web", "puller")], annotated)).plugin.execs).toBe(1);
  });

  test("without a token or a service account the plugin is not run, and the log has the index's strings", async () => {
    const node = await startWithServiceAccounts(release);
    const { "apps/puller": account } = serviceAccount(node, "apps/puller") as {
      "apps/puller": ServiceAccount;
    };
    const tokenError = "system:node:web is not authorized to request tokens for audience sts.aliyuncs.com";
    await node.kubelet.look([pod("web", "puller")], { "apps/puller": { ...account, tokenError } });
    const withoutToken = node.kubelet.log();
    for (const text of [...seen("in the kubelet's log", "no service account token"), tokenError]) {
      expect(withoutToken).toContain(text);
    }
    expect(firesFor("KubeletHasNoServiceAccountToken", withoutToken)).toBe(true);

    const { plugin } = await node.kubelet.look([pod("web", "unknown")], {});
    const withoutAccount = node.kubelet.log().slice(withoutToken.length);
    for (const text of seen("in the kubelet's log", "no service account")) {
      expect(withoutAccount).toContain(text);
    }
    expect(firesFor("KubeletHasNoServiceAccountToken", withoutAccount)).toBe(true);
    expect(plugin).toMatchObject({ execs: 0, errors: 0 });
  });

  test("with cacheType Token every new token is another run of the plugin", async () => {
    const node = await startWithServiceAccounts(release, { tokenAttributes: { cacheType: "Token" } });
    const { kubelet } = node;
    const { cloud } = node;
    for (const execs of [1, 2]) {
      const { results, plugin } = await kubelet.look(
        [pod("web", "puller")],
        serviceAccount(node, "apps/puller"),
      );
      expect(instanceOf(cloud, results[0])).toBe(instanceCorp);
      expect(plugin).toMatchObject({ execs, errors: 0 });
    }
  });
});
