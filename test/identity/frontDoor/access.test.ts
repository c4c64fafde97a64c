import { describe, expect, test } from "bun:test";
import { corp, IMAGE, useIdentityNode } from "../support/identityNode.ts";
import { expectFailure, opened } from "../support/outcomes.ts";

const at = useIdentityNode();

function pull(namespace: string, serviceAccount: string, image = IMAGE) {
  const serviceAccountToken = at.cloud.issueServiceAccountToken({ namespace, serviceAccount });
  return at.node.pull(image, { serviceAccountToken });
}

describe("access", () => {
  const cases: [access: object, who: string, refusedBy?: "Namespace" | "ServiceAccount"][] = [
    [{ namespaces: ["apps"] }, "apps/web"],
    [{ namespaces: ["apps"] }, "apps-2/web", "Namespace"],
    [{ namespaces: ["apps", "jobs"] }, "jobs/web"],
    [{ namespaces: ["app*"] }, "apps/web", "Namespace"],
    [{ serviceAccounts: ["web"] }, "apps/web"],
    [{ serviceAccounts: ["web"] }, "jobs/web"],
    [{ serviceAccounts: ["web"] }, "apps/web-2", "ServiceAccount"],
    [{ serviceAccounts: ["apps/web"] }, "apps/web"],
    [{ serviceAccounts: ["apps/web"] }, "jobs/web", "ServiceAccount"],
    [{ serviceAccounts: ["apps/*"] }, "apps/any"],
    [{ serviceAccounts: ["apps/*"] }, "jobs/any", "ServiceAccount"],
    [{ serviceAccounts: ["*/web"] }, "jobs/web"],
    [{ namespaces: ["apps"], serviceAccounts: ["web"] }, "apps/web"],
    [{ namespaces: ["apps"], serviceAccounts: ["web"] }, "jobs/web", "Namespace"],
    [{ namespaces: ["apps"], serviceAccounts: ["web"] }, "apps/api", "ServiceAccount"],
    [{ namespaces: ["apps"], serviceAccounts: ["jobs/web"] }, "apps/web", "ServiceAccount"],
  ];
  for (const [access, who, refusedBy] of cases) {
    test(`${JSON.stringify(access)}: ${who} ${refusedBy === undefined ? "may" : "may not"}`, async () => {
      at.node.configure({ registries: [corp], access });
      const [namespace = "", name = ""] = who.split("/");
      const result = await pull(namespace, name);
      if (refusedBy === undefined) {
        expect(opened(at.cloud, result).instanceId).toBe(corp.instanceId);
        return;
      }
      expectFailure(at.cloud, result, [
        IMAGE,
        refusedBy === "Namespace"
          ? `namespace ${namespace} may not pull`
          : `service account ${who} may not pull`,
        refusedBy === "Namespace"
          ? "add it to access.namespaces (in an acr-configuration: watch-namespace) if it should"
          : "add it to access.serviceAccounts (in an acr-configuration: service-account) if it should",
        `AccessDenied${refusedBy}`,
      ]);
      expect(at.cloud.requests).toEqual([]);
      expect(at.node.log()[0]?.outcome).toBe("refused");
    });
  }

  test("a pod that may not does not get the token that another's pull left in the cache", async () => {
    at.node.configure({ registries: [corp], access: { namespaces: ["apps"] } });
    opened(at.cloud, await pull("apps", "web"));
    expectFailure(at.cloud, await pull("jobs", "web"), ["AccessDeniedNamespace"]);
  });

  const { domains: _domains, ...openCorp } = { domains: [], ...corp };
  const { instanceName: _name, ...nameless } = openCorp;
  for (const [name, native, image] of [
    ["a default host whose instance would be looked up by its name", { discovery: "always" }, IMAGE],
    ["a default host that an entry's instance may have", { registries: [nameless] }, IMAGE],
    ["a host that may be a custom domain", { registries: [openCorp] }, "images.example.net/apps/web"],
  ] as const) {
    test(`refuses a pod before anyone is asked about ${name}`, async () => {
      at.node.configure({ ...native, access: { namespaces: ["apps"] } });
      expectFailure(at.cloud, await pull("jobs", "web", image), ["AccessDeniedNamespace"]);
      expect(at.cloud.requests).toEqual([]);
      expect(at.node.log()[0]?.outcome).toBe("refused");
    });
  }

  test("an image of elsewhere is none of the rules' concern", async () => {
    at.node.configure({ registries: [corp], access: { namespaces: ["apps"] } });
    const { status, stdout } = await pull("jobs", "web", "docker.io/library/nginx");
    expect({ status, auth: JSON.parse(stdout).auth }).toEqual({ status: 0, auth: {} });
  });
});

describe("access without a service account token", () => {
  const access = { namespaces: ["apps"] };

  test("is refused with both ways out: the kubelet's tokenAttributes, or no restriction", async () => {
    at.node.configure({ registries: [corp], access });
    expectFailure(at.cloud, await at.node.pull(IMAGE), [
      "the kubelet sent no service account token",
      "AccessDeniedNoToken",
      "add tokenAttributes (with requireServiceAccount) to this provider in the kubelet's CredentialProviderConfig",
      "or let every pod pull: remove access from the config",
    ]);
    expect(at.cloud.requests).toEqual([]);
  });

  test("each way out works", async () => {
    at.node.configure({ registries: [corp], access });
    opened(at.cloud, await pull("apps", "web"));
    at.node.configure({ registries: [corp] });
    opened(at.cloud, await at.node.pull(IMAGE));
  });

  test("is what config validate warns of beforehand", async () => {
    at.node.configure({ registries: [corp], access });
    const { status, stdout } = await at.node.run(["config", "validate"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/warning: .*access: restricts who may pull, which needs tokenAttributes/);
    expect(stdout).toContain("without a token every pull is refused");
    at.node.configure({ registries: [corp], access: { namespaces: ["*"] } });
    expect((await at.node.run(["config", "validate"])).stdout).not.toContain("warning");
  });
});
