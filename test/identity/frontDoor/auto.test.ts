import { describe, expect, test } from "bun:test";
import {
  keyA,
  keyB,
  minimalKeyA,
  nodeRoleName,
  oidcProvider,
  rolePodPuller,
} from "../../cloud/defaultWorld.ts";
import { iniFile, writeNodeFile } from "../support/files.ts";
import { corp, IMAGE, useIdentityNode } from "../support/identityNode.ts";
import { expectFailure, opened, operations } from "../support/outcomes.ts";

const at = useIdentityNode();
const metadataCalls = ["MetadataToken", "MetadataRole", "MetadataRoleCredentials"];

/** Everything that a source of `auto` needs, and nothing of the others. */
const setUp = {
  accessKey: () => ({ ALIBABA_CLOUD_ACCESS_KEY_ID: keyA.id, ALIBABA_CLOUD_ACCESS_KEY_SECRET: keyA.secret }),
  oidc: () => ({
    ALIBABA_CLOUD_ROLE_ARN: rolePodPuller,
    ALIBABA_CLOUD_OIDC_PROVIDER_ARN: oidcProvider,
    ALIBABA_CLOUD_OIDC_TOKEN_FILE: writeNodeFile(
      at.node,
      "token",
      at.cloud.issueServiceAccountToken({ namespace: "apps", serviceAccount: "puller" }),
    ),
  }),
  profile: () => ({
    ALIBABA_CLOUD_CREDENTIALS_FILE: writeNodeFile(at.node, "credentials", iniFile(minimalKeyA)),
  }),
  home: () => {
    const profiles = [
      { name: "p", mode: "AK", access_key_id: keyB.id, access_key_secret: keyB.secret },
      { name: "q", mode: "AK", access_key_id: minimalKeyA.id, access_key_secret: minimalKeyA.secret },
    ];
    writeNodeFile(at.node, ".aliyun/config.json", { current: "q", profiles });
    writeNodeFile(at.node, ".alibabacloud/credentials", iniFile(keyA));
    return { HOME: at.node.directory };
  },
  uri: () => ({ ALIBABA_CLOUD_CREDENTIALS_URI: at.cloud.endpoints.credentialsUri }),
  node: () => ({}),
};
type Source = keyof typeof setUp;

describe("auto takes the first source that is set up, with everything after it set up as well", () => {
  const order: [Source[], identity: string, caller: string, requests: string[]][] = [
    [["accessKey", "oidc", "profile", "home", "uri", "node"], "accessKey LTAI", ":user/puller", []],
    [["oidc", "profile", "home", "uri", "node"], "oidcTokenFile ", "/pod-puller/", ["AssumeRoleWithOIDC"]],
    [["profile", "home", "uri", "node"], "profile default: accessKey ", ":user/minimal", []],
    [["home", "uri", "node"], "profile q: AK", ":user/minimal", []],
    [["uri", "node"], "credentialsUri http://127.0.0.1:", "/uri-puller/", ["CredentialsUri"]],
    [["node"], "ecsRamRole (the node's role)", `/${nodeRoleName}/`, metadataCalls],
  ];
  for (const [sources, identity, caller, requests] of order) {
    test(`${sources[0]}, and no request to any other source`, async () => {
      const env = Object.assign({}, ...sources.map((source) => setUp[source]()));
      expect(opened(at.cloud, await at.node.pull(IMAGE, { env })).caller).toContain(caller);
      expect(operations(at.cloud)).toEqual([...requests, "GetAuthorizationToken"]);
      expect(at.node.log()[0]?.identity).toStartWith(identity);
    });
  }

  test("half of a source is none", async () => {
    const { ALIBABA_CLOUD_ROLE_ARN: _role, ...half } = setUp.oidc();
    const env = { ALIBABA_CLOUD_ACCESS_KEY_ID: keyA.id, ...half, HOME: "/nonexistent" };
    expect(opened(at.cloud, await at.node.pull(IMAGE, { env })).caller).toContain(nodeRoleName);
  });

  test("a profile file that is named and is not there is an error, and no other source is taken", async () => {
    const env = { ALIBABA_CLOUD_CREDENTIALS_FILE: "/nonexistent/credentials", ...setUp.home() };
    for (const identity of [{ source: "auto" }, { source: "profile" }]) {
      at.node.configure({ registries: [corp], identity });
      const result = await at.node.pull(IMAGE, { env });
      expectFailure(at.cloud, result, ["/nonexistent/credentials: it does not exist"], 2);
    }
    expect(at.cloud.requests).toEqual([]);
  });

  test("the INI file of HOME when the CLI's is switched off", async () => {
    const env = { ...setUp.home(), ALIBABA_CLOUD_CLI_PROFILE_DISABLED: "true" };
    expect(opened(at.cloud, await at.node.pull(IMAGE, { env })).caller).toContain(":user/puller");
  });

  test("ALIBABA_CLOUD_PROFILE names the profile", async () => {
    const env = { ...setUp.home(), ALIBABA_CLOUD_PROFILE: "p" };
    // The AccessKey of another account: its instance is unknown to it, which shows who asked.
    expectFailure(at.cloud, await at.node.pull(IMAGE, { env }), ["as profile p: AK", "INSTANCE_NOT_EXIST"]);
  });

  test("ALIBABA_CLOUD_ECS_METADATA names the node's role", async () => {
    const env = { ALIBABA_CLOUD_ECS_METADATA: nodeRoleName };
    expect(opened(at.cloud, await at.node.pull(IMAGE, { env })).caller).toContain(nodeRoleName);
    expect(operations(at.cloud)).not.toContain("MetadataRole");
  });
});

describe("a node without metadata service", () => {
  test("loses at most a second, once, and is told what to do", async () => {
    at.cloud.faults.set({ operation: "MetadataToken", kind: "hang" });
    const first = await at.node.pull(IMAGE);
    expectFailure(at.cloud, first, [
      "ecsRamRole",
      "metadata service",
      "not on ECS, configure identity.source (such as accessKey or serviceAccountToken) and defaultRegion",
    ]);
    const calls = at.node.log()[0]?.calls as { ms: number }[];
    expect(calls.reduce((sum, { ms }) => sum + ms, 0)).toBeLessThan(1500);
    const second = await at.node.pull("corp-registry-vpc.cn-hangzhou.cr.aliyuncs.com/apps/web");
    expectFailure(at.cloud, second, ["a moment ago"]);
    expect(at.cloud.calls("MetadataToken")).toHaveLength(1);
  });

  test("loses nothing when another source is set up", async () => {
    at.cloud.faults.set({ operation: "MetadataToken", kind: "hang" });
    opened(at.cloud, await at.node.pull(IMAGE, { env: setUp.accessKey() }));
    expect(operations(at.cloud)).toEqual(["GetAuthorizationToken"]);
  });

  test("where it is switched off, the error lists the ways, and nobody is asked", async () => {
    const env = { ALIBABA_CLOUD_ECS_METADATA_DISABLED: "true" };
    const result = await at.node.pull(IMAGE, { env });
    expectFailure(at.cloud, result, [
      "IdentityMissing",
      "identity.source",
      "ALIBABA_CLOUD_ACCESS_KEY_ID",
      "ALIBABA_CLOUD_CREDENTIALS_URI",
    ]);
    expect(at.cloud.requests).toEqual([]);
  });
});
