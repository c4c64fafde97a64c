import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { stringify } from "yaml";
import type { ProviderConfig } from "../../src/config/config.ts";
import { importConfiguration } from "../../src/config/importConfiguration.ts";
import { loadConfig } from "../../src/config/loadConfig.ts";
import { showConfig } from "../../src/config/showConfig.ts";
import { failureOf, fileOf, head, validated } from "./support.ts";

const secret = "canary-of-a-secret";

describe("config show", () => {
  test("shows every default and no secret", async () => {
    const body = `identity: {source: accessKey, accessKeyId: LTAI, accessKeySecret: ${secret}, securityToken: ${secret}-2}\nregistries:\n  - instanceId: cri-a\n  - instanceId: cri-b\n    identity: {source: credentialsUri, uri: "https://example.com/x?key=${secret}"}\n`;
    const shown = showConfig(await loadConfig(fileOf(head + body)));
    expect(shown).not.toContain(secret);
    expect(shown).toStartWith("# effective config of /test/config.yaml\n");
    expect(shown).toContain('accessKeySecret: "***"');
    expect(shown).toContain("https://example.com/x?***");
    for (const line of [
      "expiringThreshold: 15m",
      "total: 25s",
      "maxSize: 10MiB",
      "directory: /run/aliyun-acr-credential-provider",
    ]) {
      expect(shown).toContain(line);
    }
  });

  const name = fc.stringMatching(/^[a-z][a-z0-9]{0,10}$/);
  const role = fc.record({
    roleArn: name.map((text) => `acs:ram::1234567890123456:role/${text}`),
    durationSeconds: fc.integer({ min: 900, max: 43200 }),
  });
  const identity = fc.oneof(
    fc.record({ source: fc.constant("auto"), assumeRoles: fc.array(role, { maxLength: 3 }) }),
    fc.record({ source: fc.constant("ecsRamRole"), roleName: name }),
    fc.record({ source: fc.constant("accessKey"), directory: name.map((text) => `/${text}`) }),
  );
  const duration = fc.integer({ min: 1, max: 55_000_000 }).map((ms) => `${ms / 1000}ms`);
  const config = fc.record(
    {
      registries: fc.uniqueArray(name, { maxLength: 5 }).chain((ids) =>
        fc.tuple(
          ...ids.map((id) =>
            fc.record(
              {
                instanceId: fc.constant(`cri-${id}`),
                regionId: fc.constantFrom("cn-hangzhou", "cn-beijing"),
                domains: fc.constantFrom(
                  [`${id}.example.com`],
                  `${id}.example.com, b.${id}.example.com:5000`,
                ),
                network: fc.constantFrom("auto", "vpc", "public"),
                identity,
              },
              { requiredKeys: ["instanceId"] },
            ),
          ),
        ),
      ),
      identity,
      expiringThreshold: duration,
      network: fc.constantFrom("auto", "vpc", "public"),
      access: fc.record({ namespaces: fc.array(name, { minLength: 1, maxLength: 3 }) }),
      endpoints: fc.record({
        acr: fc.constantFrom("cr.example.com", "http://127.0.0.1:1", "https://x:8443/"),
      }),
      log: fc.record({ maxSize: fc.constantFrom("1KiB", "1500KiB", "3MiB", "1GiB") }),
    },
    { requiredKeys: [] },
  );

  test("what is shown is the same config again", async () => {
    await fc.assert(
      fc.asyncProperty(config, async (body) => {
        const text = stringify({
          apiVersion: "aliyun-acr-credential-provider/v1",
          kind: "ProviderConfig",
          ...body,
        });
        const { config: once, errors } = await validated(text);
        expect(errors).toEqual([]);
        if (once === undefined) return;
        const { config: again } = await validated(showConfig(once));
        expect(again).toEqual(once);
      }),
      { numRuns: 60 },
    );
  });

  test("the quick way and the thorough way lead to the same config", async () => {
    await fc.assert(
      fc.asyncProperty(config, async (body) => {
        const text = stringify({
          apiVersion: "aliyun-acr-credential-provider/v1",
          kind: "ProviderConfig",
          ...body,
        });
        const { config: thorough } = await validated(text);
        expect(await loadConfig(fileOf(text))).toEqual(thorough as ProviderConfig);
      }),
      { numRuns: 60 },
    );
  });

  test("whatever a file holds, reading it ends in a config or a Failure of status 2", async () => {
    const piece = fc.constantFrom(
      head,
      "registries:\n",
      "  - instanceId: cri-a\n",
      "    domains: ",
      "a.com",
      "kind: ConfigMap\n",
      "data:\n",
      "  acr-registry-info: |\n",
      "    - ",
      "identity: ",
      "{",
      "}",
      "[",
      "]",
      "&a ",
      "*a ",
      '"',
      "\n",
      ": ",
      "- ",
      "5",
      "null",
      "é",
      "\t",
      "provider-config: ",
      "rrsa: ",
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 20 }), async (pieces) => {
        const outcome = await loadConfig(fileOf(pieces.join(""))).catch((error: unknown) => error);
        expect(outcome).toHaveProperty(outcome instanceof Error ? "exitStatus" : "registries");
      }),
      { numRuns: 1000 },
    );
  });
});

describe("config import", () => {
  const text = `apiVersion: v1
kind: ConfigMap
metadata: {name: acr-configuration}
data:
  acr-registry-info: |
    - instanceId: cri-a
      regionId: cn-hangzhou
      domains: a.com,b.com
      customAccessKey: LTAI1
      customAccessKeySecret: ${secret}-1
    - instanceId: cri-b
      customAccessKey: LTAI1
      customAccessKeySecret: ${secret}-1
      assumeRoleARN: acs:ram::2222222222222222:role/b
    - instanceId: ""
      customAccessKey: ../../../tmp/x
      customAccessKeySecret: ${secret}-2
  watch-namespace: apps
  notify-email: cs@aliyuncs.com
`;

  test("gives native YAML without secrets, and the key files", async () => {
    const heard: string[] = [];
    const { yaml, keyFiles } = await importConfiguration(text, {
      keysDirectory: "/keys",
      onSecret: (value) => heard.push(value),
    });
    expect(yaml).not.toContain(secret);
    expect(heard).toContain(`${secret}-1`);
    expect(keyFiles).toEqual([
      { path: "/keys/key-1/access-key-id", content: "LTAI1" },
      { path: "/keys/key-1/access-key-secret", content: `${secret}-1` },
      { path: "/keys/key-2/access-key-id", content: "../../../tmp/x" },
      { path: "/keys/key-2/access-key-secret", content: `${secret}-2` },
    ]);
    const { config, errors } = await validated(yaml);
    expect(errors).toEqual([]);
    const { config: direct } = await validated(text);
    expect(config?.access).toEqual(direct?.access as never);
    expect(config?.registries.map(({ identity, ...entry }) => entry)).toEqual(
      direct?.registries.map(({ identity, ...entry }) => entry) as never,
    );
    expect(
      config?.registries.map(({ identity }) => [
        identity.source,
        "directory" in identity ? identity.directory : undefined,
        identity.assumeRoles.length,
      ]),
    ).toEqual([
      ["accessKey", "/keys/key-1", 0],
      ["accessKey", "/keys/key-1", 1],
      ["accessKey", "/keys/key-2", 0],
    ]);
  });

  test("says in comments what means something else now", async () => {
    const { yaml } = await importConfiguration(text);
    expect(yaml).toContain("# line 19: data.notify-email: has no effect");
    expect(yaml).toMatch(/ {2}# Without regionId: .*\n {2}- instanceId: cri-b/);
    expect(yaml).toMatch(/# The helper gave its secret to these service accounts[^:]*\naccess:/);
    expect((await importConfiguration("kind: ConfigMap\n")).yaml).toMatch(
      /# Empty: .*\n(# .*\n)*registries: \[\]/,
    );
  });

  test.each([
    ["a native config", head, "ProviderConfig already"],
    ["a broken ConfigMap", "kind: ConfigMap\ndata: {x: y}\n", "line 2: data.x: unknown key"],
    ["nothing", "", "is empty"],
  ])("refuses %s", async (_name, input, cause) => {
    const failure = await failureOf(importConfiguration(input));
    expect(failure.message).toContain(cause);
    expect(failure.exitStatus).toBe(2);
  });
});
