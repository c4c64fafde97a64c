import { describe, expect, test } from "bun:test";
import { head, said, validated } from "./support.ts";

describe("YAML mistakes name the line and the right form", () => {
  const cases: [name: string, body: string, message: string | RegExp][] = [
    [
      "values listed after a comma",
      'registries:\n  - instanceId: cri-a\n    domains: "xxx.com","yyy.com"\n',
      '5 : YAML cannot hold several quoted values after "domains:"; write one string, domains: "xxx.com,yyy.com", or a list, domains: [xxx.com, yyy.com]',
    ],
    [
      "a key too far right",
      "registries:\n  - instanceId: cri-a\n      regionId: cn-hangzhou\n",
      '5 : "regionId" is 2 columns to the right of "instanceId" on line 4: keys of one level begin in the same column, write "    regionId: …"',
    ],
    [
      "a key too far right below a quoted value",
      'registries:\n  - instanceId: ""\n      regionId: cn-hangzhou\n',
      /^5 : "regionId" is 2 columns to the right of "instanceId" on line 4/,
    ],
    [
      "a key too far left",
      "registries:\n  - instanceId: cri-a\n   regionId: cn-hangzhou\n",
      /^5 : "regionId" is 1 column to the left of "instanceId" on line 4.*write " {4}regionId: …"$/,
    ],
    [
      "a missing space",
      "registries:\n  - instanceId:cri-a\n    regionId: cn-hangzhou\n",
      '4 : a space is missing after the colon: write "instanceId: …"',
    ],
    [
      "a missing space at the top",
      "network:auto\n",
      '3 : a space is missing after the colon: write "network: …"',
    ],
    ["a tab", "timeouts:\n\ttotal: 5s\n", "4 : is indented with a tab: YAML needs spaces"],
    [
      "a key twice",
      "network: auto\ndiscovery: auto\nnetwork: vpc\n",
      "5 : the key network appears here a second time in the same mapping: keep one",
    ],
    ["an unquoted star", "access:\n  namespaces: [*]\n", '4 : a * begins a YAML alias: write "*" in quotes'],
    ["an unquoted star by itself", "access:\n  namespaces: *\n", /^4 : a \* begins a YAML alias/],
    [
      "a second document",
      "---\nnetwork: auto\n",
      "3 : a second YAML document begins here: a config file holds one",
    ],
    ["a tag", "network: !!binary YXV0bw==\n", /^3 /],
    ["an unknown tag", "network: !x auto\n", /^3 : is not valid YAML: a value begins with !/],
    [
      "an open quote",
      'network: "auto\ndiscovery: auto\n',
      /^\d : is not valid YAML: a quote, a bracket or a comma is missing/,
    ],
    ["an open bracket", "registries: [\n", /: is not valid YAML: /],
    ["an alias without anchor", "network: *nowhere\n", /is not valid YAML|a \* begins/],
  ];
  test.each(cases)("%s", async (_name, body, message) => {
    const [first] = said((await validated(head + body)).errors);
    if (typeof message === "string") expect(first).toBe(message);
    else expect(first).toMatch(message);
  });

  test.each(["*", "!", "|", ">", "%", "@", "`", "&", "{", "[", "- ", "? "])(
    "a secret that begins with %p is never echoed",
    async (start) => {
      for (const line of [`accessKeySecret: ${start}CANARY secret`, `accessKeySecret: a ${start}CANARY: x`]) {
        const { errors } = await validated(`${head}identity:\n  source: accessKey\n  ${line}\n`);
        expect(JSON.stringify(errors)).not.toContain("CANARY");
      }
    },
  );

  test("a bomb of aliases is refused, aliases as such are not", async () => {
    const bomb = ["a: &a [x, x, x, x, x, x, x, x, x, x]"];
    for (const [name, before] of ["ba", "cb", "dc", "ed"]) {
      bomb.push(`${name}: &${name} [${Array.from({ length: 10 }, () => `*${before}`).join(", ")}]`);
    }
    const [first] = said((await validated(`${head}${bomb.join("\n")}\n`)).errors);
    expect(first).toContain("aliases (*) multiply");
    const shared = "identity: &me {source: ecsRamRole}\nregistries: [{instanceId: cri-a, identity: *me}]\n";
    expect((await validated(head + shared)).errors).toEqual([]);
  });

  test.each([
    ["[".repeat(100_000)],
    ["- ".repeat(100_000)],
    ["{a: ".repeat(50_000)],
    ["\u0000"],
    ["%"],
    ["? "],
  ])("hostile nesting ends in a message", async (text) => {
    const { errors } = await validated(text);
    expect(errors.length).toBeGreaterThan(0);
  });

  test.each([
    ["nothing", ""],
    ["a comment", "# nothing\n"],
    ["a text", "hello\n"],
    ["a list", "- a\n"],
    ["the kubelet's own file", "kind: CredentialProviderConfig\napiVersion: kubelet.config.k8s.io/v1\n"],
    ["another kind", "kind: Pod\n"],
  ])("a file that holds %s is told what to begin with", async (_name, text) => {
    const { errors } = await validated(text);
    expect(errors).toHaveLength(1);
    expect(errors[0]?.message).toMatch(/aliyun-acr-credential-provider\/v1|ProviderConfig/);
  });

  test("non-breaking spaces are read as spaces, with a warning", async () => {
    const { errors, warnings, config } = await validated(`${head}network:\u00a0vpc\n`);
    expect(errors).toEqual([]);
    expect(config?.network).toBe("vpc");
    expect(said(warnings)[0]).toContain("non-breaking spaces");
  });
});

describe("a config that is nothing but one thing costs no more than it is long", () => {
  // Nested keys took exponential time in the parser, many mistakes quadratic time in our words for them.
  const units = [
    "? ",
    "{",
    "[",
    "[{",
    "'\n",
    "|\n",
    "- a\n",
    "{}\n",
    "-",
    "\r",
    " #",
    "&a ",
    "*a ",
    ": ",
    '"a",',
    "a: ",
  ];
  test.each(units.map((unit) => [JSON.stringify(unit), unit]))("%s", async (_name, unit) => {
    const startedAt = performance.now();
    const { errors } = await validated(unit.repeat(64_000 / unit.length));
    expect(errors.length).toBeGreaterThan(0);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
});
