import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import schema from "../../node-config/config.schema.json";
import type { Cache } from "../../src/cache/cache.ts";
import { fileCache } from "../../src/cache/fileCache.ts";
import type { ProviderConfig } from "../../src/config/config.ts";
import type { FoundFile } from "../../src/config/configFile.ts";
import { keepConfig } from "../../src/config/keepConfig.ts";
import { DEFAULT_CACHE_DIRECTORY, keptConfig } from "../../src/config/keptConfig.ts";
import { configOf } from "../../src/config/loadConfig.ts";

const head = "apiVersion: aliyun-acr-credential-provider/v1\nkind: ProviderConfig\n";
const file = "/etc/aliyun-acr-credential-provider/config.yaml";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(`${tmpdir()}/acr-kept-`);
});
afterEach(() => rmSync(folder, { recursive: true }));

const cacheIn = (directory: string): Cache =>
  fileCache({
    directory,
    now: Date.now,
    warn: (message) => {
      throw new Error(message);
    },
  });

/** A file with this text, and what it comes to, kept in the cache that it names. */
async function kept(text: string): Promise<{ found: FoundFile; config: ProviderConfig }> {
  const found = { file, content: { text, mode: 0o600, uid: 0 } };
  const config = await configOf(found, {});
  await keepConfig(cacheIn(config.cache.directory), found, config, Date.now());
  return { found, config };
}

describe("a config is found again where it says that its cache is", () => {
  const forms: readonly [string, (directory: string) => string][] = [
    ["in a block", (directory) => `${head}cache:\n  directory: ${directory}\n`],
    ["in quotes", (directory) => `${head}cache:\n  directory: "${directory}"\n`],
    ["in a flow", (directory) => `${head}cache: {directory: ${directory}, enabled: true}\n`],
    [
      "in JSON",
      (directory) =>
        JSON.stringify({
          apiVersion: "aliyun-acr-credential-provider/v1",
          kind: "ProviderConfig",
          cache: { directory },
        }),
    ],
    [
      "in JSON with lines",
      (directory) =>
        JSON.stringify(
          {
            kind: "ProviderConfig",
            cache: { directory },
            apiVersion: "aliyun-acr-credential-provider/v1",
            registries: [
              { domains: ["a.example.com"], identity: { source: "ecsRamRole", roleName: "reader" } },
            ],
          },
          null,
          2,
        ),
    ],
  ];
  test.each(forms)("%s", async (_name, form) => {
    const { found, config } = await kept(form(`${folder}/cache`));
    expect((await keptConfig(found, cacheIn, () => {}))?.config).toEqual(config);
  });

  test("and else is not, though it may be there", async () => {
    const { found } = await kept(`${head}cache:\n  enabled: true\n  directory: ${folder}/cache\n`);
    expect(await keptConfig(found, cacheIn, () => {})).toBeUndefined();
  });

  test("the default is the schema's", () => {
    expect(DEFAULT_CACHE_DIRECTORY).toBe(schema.properties.cache.properties.directory.default);
  });
});

describe("a config is not kept", () => {
  const cache = () => `cache: {directory: ${folder}/cache}\n`;
  test.each<[string, () => string]>([
    ["with a credentials URI", () => "identity: {source: credentialsUri, uri: 'https://a.example/?key=x'}\n"],
    [
      "with one as the fallback of an entry",
      () =>
        "registries:\n  - instanceId: cri-a\n    identity: {source: serviceAccountToken, roleArn: 'acs:ram::1:role/a', " +
        "oidcProviderArn: 'acs:ram::1:oidc-provider/b', fallback: {source: credentialsUri, uri: 'https://a.example/x'}}\n",
    ],
    [
      "with two secrets",
      () =>
        "identity: {source: accessKey, accessKeyId: LTAIa, accessKeySecret: zzzzzzzzzzzzzzzzzz, securityToken: yyyyyyyyyyyyyyyyyy}\n",
    ],
    [
      "with a secret that might be a number",
      () => "identity: {source: accessKey, accessKeyId: LTAIa, accessKeySecret: '000000000000000000'}\n",
    ],
    [
      "with a secret that the text spells in another way",
      () => 'identity: {source: accessKey, accessKeyId: LTAIa, accessKeySecret: "\\x7azzzzzzzzzzzzzzzzz"}\n',
    ],
    ["with what stands for a secret", () => 'log: {file: "/var/log/****************"}\n'],
    [
      "that is long and has a secret",
      () =>
        `${`#${"-".repeat(33_000)}\n`}identity: {source: accessKey, accessKeyId: a, accessKeySecret: zzzzzzzzzzzzzzzzzz}\n`,
    ],
  ])("%s", async (_name, text) => {
    const { found } = await kept(`${head}${cache()}${text()}`);
    expect(await keptConfig(found, cacheIn, () => {})).toBeUndefined();
  });
});

test("a long config is kept for each host by itself, and found only with the same text", async () => {
  const text = `${head}cache: {directory: "${folder}/cache"}\n#${"-".repeat(33_000)}\n`;
  const found = { file, content: { text, mode: 0o600, uid: 0 } };
  const changed = { file, content: { ...found.content, text: text.replace("#-", "#+") } };
  const config = await configOf(found, {});
  await keepConfig(cacheIn(config.cache.directory), found, config, Date.now(), () => "a.example");
  const takenFor = async (one: FoundFile, host: string) =>
    (
      await keptConfig(
        one,
        cacheIn,
        () => {},
        () => host,
      )
    )?.config;
  expect(await takenFor(found, "a.example")).toEqual(config);
  expect(await takenFor(found, "b.example")).toBeUndefined();
  expect(await takenFor(changed, "a.example")).toBeUndefined();
});

test.each<[string, (found: FoundFile & { content: object }) => FoundFile]>([
  ["owner", (found) => ({ ...found, content: { ...found.content, uid: 7 } as FoundFile["content"] })],
  ["mode", (found) => ({ ...found, content: { ...found.content, mode: 0o644 } as FoundFile["content"] })],
])("a kept config is not that of a file with another %s", async (_name, change) => {
  const { found } = await kept(`${head}cache: {directory: ${folder}/cache}\n`);
  expect(await keptConfig(found, cacheIn, () => {})).toBeDefined();
  expect(
    await keptConfig(change(found as FoundFile & { content: object }), cacheIn, () => {}),
  ).toBeUndefined();
});

describe("a secret that has changed", () => {
  const text = (secret: string) =>
    `${head}cache: {directory: ${folder}/cache}\nidentity: {source: accessKey, accessKeyId: LTAIa, accessKeySecret: ${secret}}\n`;
  const first = "aSecretOfThirtyLettersAndDigit";

  test("is taken from the file where it is a plain word", async () => {
    const { found } = await kept(text(first));
    const second = first.replace("Thirty", "Twenty");
    const heard: string[] = [];
    const content = { text: text(second), mode: 0o600, uid: 0 };
    const taken = await keptConfig({ ...found, content }, cacheIn, (value) => heard.push(value));
    expect(taken?.config).toEqual(await configOf({ ...found, content }, {}));
    expect(heard).toEqual([second]);
  });

  test.each([
    ["another length", "aSecretOfThirtyOneLettersAndMore"],
    ["more than a word", "aSecretOf, accessKeyId: LTAIbbb"],
    ["a number", "123456789012345678901234567890"],
    ["hexadecimal", "0xabcdef12345678901234567890ab"],
  ])("but not with %s", async (_name, secret) => {
    const { found } = await kept(text(first));
    const content = { text: text(secret), mode: 0o600, uid: 0 };
    expect(await keptConfig({ ...found, content }, cacheIn, () => {})).toBeUndefined();
  });
});
