import { describe, expect, test } from "bun:test";
import { parse } from "yaml";
import { kubeletConfigText } from "../../src/commands/kubeletConfig/kubeletConfigText.ts";
import { asFile, withoutProvider, withProvider } from "../../src/install/provider/changeConfigText.ts";
import { entryLines, withVariable } from "../../src/install/provider/providerEntry.ts";
import { kubeletRelease } from "../../src/kubelet/kubeletRelease.ts";
import { defaultConfig } from "../support/testRun.ts";

const printed = kubeletConfigText({ ...defaultConfig, file: "/etc/acr.yaml" }, kubeletRelease("1.34"));
const ours = parse(printed).providers[0];

const head = `# Keep this file in order.
apiVersion: kubelet.config.k8s.io/v1   # since 1.26
kind: CredentialProviderConfig
`;
const ecr = `  # AWS
  - name: ecr-credential-provider  # first
    matchImages: [ "*.dkr.ecr.*.amazonaws.com",   '*.public.ecr.aws' ]
    defaultCacheDuration: 12h
    apiVersion: credentialprovider.kubelet.k8s.io/v1
    futureField: {kept: yes}
    args:
    - get-credentials
    - |
      # not a comment

`;
const gcp = `  # Google's,
  # of two lines
  - apiVersion: credentialprovider.kubelet.k8s.io/v1
    name: "gcp"
    matchImages:
        - gcr.io
    defaultCacheDuration: 1m
`;
const tail = `
# The end.
`;
const old = `  - name: aliyun-acr-credential-provider
    matchImages: # ours
      - registry.cn-hangzhou.aliyuncs.com
      - by.hand.example.com
    defaultCacheDuration: 5m
    apiVersion: credentialprovider.kubelet.k8s.io/v1
    env: [{name: HTTPS_PROXY, value: "http://proxy:3128"}]
    # the last line
`;
const own = (indentation = "  ") =>
  entryLines(printed)
    .map((line, index) => `${indentation}${index === 0 ? "- " : "  "}${line}\n`)
    .join("");

describe("our provider into a YAML config", () => {
  test("behind the others, every byte of them as it was", () => {
    const before = `${head}providers:\n${ecr}${gcp}${tail}`;
    const after = withProvider(before, printed, false);
    expect(after).toBe(`${head}providers:\n${ecr}${gcp}${own()}${tail}`);
    expect(withProvider(after, printed, false)).toBe(after);
    expect(withoutProvider(after)).toBe(before);
  });

  test("in the place of the old one; patterns and variables of it that someone added stay", () => {
    const before = `${head}providers:\n${ecr}${old}\n${gcp}${tail}`;
    const after = withProvider(before, printed, false);
    const [kept, rest] = [after.indexOf("by.hand.example.com"), after.indexOf("# Google's")];
    expect(after.startsWith(`${head}providers:\n${ecr}  - name: aliyun-acr-credential-provider\n`)).toBe(
      true,
    );
    expect(after.slice(rest)).toBe(`${gcp.slice(2)}${tail}`);
    expect(kept).toBeLessThan(rest);
    const [first, second, third] = parse(after).providers;
    expect([first.name, third.name]).toEqual(["ecr-credential-provider", "gcp"]);
    expect(second).toEqual({
      ...ours,
      matchImages: [...ours.matchImages, "registry.cn-hangzhou.aliyuncs.com", "by.hand.example.com"],
      env: [...ours.env, { name: "HTTPS_PROXY", value: "http://proxy:3128" }],
    });
    expect(withProvider(after, printed, false)).toBe(after);
    expect(withoutProvider(after)).toBe(`${head}providers:\n${ecr}\n${gcp}${tail}`);
  });

  test("exactly as printed, by force", () => {
    const after = withProvider(`${head}providers:\n${ecr}${old}\n${gcp}${tail}`, printed, true);
    expect(after).toBe(`${head}providers:\n${ecr}${own()}\n${gcp}${tail}`);
  });

  test.each([
    ["the list not indented", `${head}providers:\n${gcp.replace(/^ {2}/gm, "")}kubelet: {}\n`, ""],
    ["indented by four", `${head}providers:\n${gcp.replace(/^ {2}/gm, "    ")}`, "    "],
    ["before other keys", `providers:\n${gcp}${head}`, "  "],
    ["a dash on a line of its own", `${head}providers:\n  -\n    name: x\n    matchImages: [a.b]\n`, "  "],
  ])("%s", (_name, before, indentation) => {
    const after = withProvider(before, printed, false);
    expect(after).toContain(own(indentation));
    expect(after.replace(own(indentation), "")).toBe(before);
    expect(parse(after).providers.map(({ name }: { name: string }) => name)).toHaveLength(2);
    expect(withoutProvider(after)).toBe(before);
  });

  test("no end of line at the end of the file", () => {
    const before = `${head}providers:\n${gcp}`.trimEnd();
    expect(parse(withProvider(before, printed, false)).providers).toEqual([parse(before).providers[0], ours]);
  });

  test("lines that end in CR LF", () => {
    const before = `${head}providers:\n${gcp}`.replaceAll("\n", "\r\n");
    const after = withProvider(before, printed, false);
    expect(after).toBe(before + own().replaceAll("\n", "\r\n"));
    expect(withoutProvider(after)).toBe(before);
  });

  test("a list in brackets is written anew, and says the same of others", () => {
    const before = `${head}# others\nproviders: [{name: gcp, matchImages: [gcr.io], unknown: {a: 1}}] # in brackets\n`;
    const after = withProvider(before, printed, false);
    expect(after).toContain("# Keep this file in order.");
    expect(after).toContain("# others");
    expect(parse(after).providers).toEqual([
      { name: "gcp", matchImages: ["gcr.io"], unknown: { a: 1 } },
      ours,
    ]);
    expect(parse(withoutProvider(after) ?? "").providers).toEqual(parse(before).providers);
  });

  test("an alias that leads into our old entry is not torn off", () => {
    const before = `${head}providers:\n${old.replace("5m", "&d 5m")}  - name: x\n    defaultCacheDuration: *d\n`;
    expect(() => withProvider(before, printed, false)).toThrow();
  });

  test("alone, nothing is left when it goes", () => {
    expect(withoutProvider(printed)).toBeUndefined();
  });
});

describe("our provider into a JSON config", () => {
  const config = {
    kind: "CredentialProviderConfig",
    apiVersion: "kubelet.config.k8s.io/v1",
    providers: [{ name: "z", matchImages: ["a.b"], unknown: { b: 1, a: 2 } }],
    more: null,
  };
  test.each([
    ["two spaces", "  ", "\n"],
    ["a tab", "\t", ""],
    ["one line", "", "\n"],
  ])("stays JSON with its indentation: %s", (_name, indentation, end) => {
    const before = `${JSON.stringify(config, null, indentation)}${end}`;
    const after = withProvider(before, printed, false);
    expect(after).toBe(
      `${JSON.stringify({ ...config, providers: [...config.providers, ours] }, null, indentation)}${end}`,
    );
    expect(withProvider(after, printed, false)).toBe(after);
    expect(withoutProvider(after)).toBe(before);
  });

  test("a new file in JSON where its name asks for it", () => {
    expect(JSON.parse(asFile(printed, "/etc/x.json"))).toEqual(parse(printed));
    expect(asFile(printed, "/etc/x.yaml")).toBe(printed);
  });
});

test("a variable for the plugin goes into what is printed, once", () => {
  const once = withVariable(printed, "LD_LIBRARY_PATH", "");
  expect(parse(once).providers).toEqual([
    { ...ours, env: [...ours.env, { name: "LD_LIBRARY_PATH", value: "" }] },
  ]);
  expect(withVariable(once, "LD_LIBRARY_PATH", "")).toBe(once);
  expect(once.split("\n").filter((line) => line.includes("#"))).toEqual(
    printed.split("\n").filter((line) => line.includes("#")),
  );
});
