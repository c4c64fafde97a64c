import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type AcrHost, parseAcrHost } from "../../src/host/acrHost.ts";
import { mayBeCustomDomain } from "../../src/host/foreignHosts.ts";

const ee = (instanceName: string, regionId: string, network: AcrHost["network"] = "public") =>
  ({ edition: "enterprise", instanceName, regionId, network }) as const;
const pe = (regionId: string, network: AcrHost["network"] = "public") =>
  ({ edition: "personal", regionId, network }) as const;
const crpi = (instanceName: string, regionId: string, network: AcrHost["network"] = "public") =>
  ({ edition: "newPersonal", instanceName, regionId, network }) as const;

describe("ACR's own hosts", () => {
  test.each<[string, AcrHost]>([
    ["corp-registry.cn-hangzhou.cr.aliyuncs.com", ee("corp", "cn-hangzhou")],
    ["corp-registry-vpc.cn-hangzhou.cr.aliyuncs.com", ee("corp", "cn-hangzhou", "vpc")],
    ["corp-registry-internal.cn-hangzhou.cr.aliyuncs.com", ee("corp", "cn-hangzhou", "internal")],
    ["corp-registry-intl.ap-southeast-1.cr.aliyuncs.com", ee("corp", "ap-southeast-1")],
    ["corp-registry-intl-vpc.ap-southeast-1.cr.aliyuncs.com", ee("corp", "ap-southeast-1", "vpc")],
    ["corp-registry.distributed.cn-hangzhou.cr.aliyuncs.com", ee("corp", "cn-hangzhou")],
    ["corp-registry-vpc.distributed.cn-hangzhou.cr.aliyuncs.com", ee("corp", "cn-hangzhou", "vpc")],
    ["team-a-b-registry.cn-beijing.cr.aliyuncs.com", ee("team-a-b", "cn-beijing")],
    ["my-registry-registry.cn-beijing.cr.aliyuncs.com", ee("my-registry", "cn-beijing")],
    ["my-registry-vpc-registry-vpc.cn-beijing.cr.aliyuncs.com", ee("my-registry-vpc", "cn-beijing", "vpc")],
    ["registry-registry.cn-beijing.cr.aliyuncs.com", ee("registry", "cn-beijing")],
    ["Corp-Registry.CN-Hangzhou.CR.Aliyuncs.Com", ee("corp", "cn-hangzhou")],
    ["corp-registry.cn-hangzhou.cr.aliyuncs.com:443", ee("corp", "cn-hangzhou")],
    ["corp-registry.cn-shanghai-finance-1.cr.aliyuncs.com", ee("corp", "cn-shanghai-finance-1")],
    ["corp-registry.cn-hangzhou-finance.cr.aliyuncs.com", ee("corp", "cn-hangzhou-finance")],
    ["corp-registry.cn-north-2-gov-1.cr.aliyuncs.com", ee("corp", "cn-north-2-gov-1")],
    ["corp-registry.cn-wuhan-lr.cr.aliyuncs.com", ee("corp", "cn-wuhan-lr")],
    ["corp-registry.xx-nowhere-9.cr.aliyuncs.com", ee("corp", "xx-nowhere-9")],
    ["registry.cn-hangzhou.aliyuncs.com", pe("cn-hangzhou")],
    ["registry-vpc.cn-hangzhou.aliyuncs.com", pe("cn-hangzhou", "vpc")],
    ["registry-internal.cn-hangzhou.aliyuncs.com", pe("cn-hangzhou", "internal")],
    ["registry-intl.ap-southeast-1.aliyuncs.com", pe("ap-southeast-1")],
    ["registry-intl-vpc.ap-southeast-1.aliyuncs.com", pe("ap-southeast-1", "vpc")],
    ["REGISTRY.cn-hangzhou.aliyuncs.com:443", pe("cn-hangzhou")],
    ["crpi-abc123.cn-hangzhou.personal.cr.aliyuncs.com", crpi("crpi-abc123", "cn-hangzhou")],
    ["crpi-abc123-vpc.cn-hangzhou.personal.cr.aliyuncs.com", crpi("crpi-abc123", "cn-hangzhou", "vpc")],
  ])("%s", (host, expected) => {
    expect(parseAcrHost(host)).toEqual(expected);
  });

  test.each([
    ["a suffix", "registry.cn-hangzhou.aliyuncs.com.evil.example"],
    ["a suffix of an Enterprise host", "corp-registry.cn-hangzhou.cr.aliyuncs.com.evil.example"],
    ["a prefix", "evil.registry.cn-hangzhou.aliyuncs.com"],
    ["a prefix of an Enterprise host", "evil.corp-registry.cn-hangzhou.cr.aliyuncs.com"],
    ["a prefix without dot", "evilregistry.cn-hangzhou.aliyuncs.com"],
    ["another domain that ends like it", "registry.cn-hangzhou.evilaliyuncs.com"],
    ["another top-level domain", "registry.cn-hangzhou.aliyuncs.co"],
    ["embedded", "corp-registry.cn-hangzhou.cr.aliyuncs.com.cr.aliyuncs.com"],
    ["a dot at the end", "registry.cn-hangzhou.aliyuncs.com."],
    ["a dot at the end before the port", "registry.cn-hangzhou.aliyuncs.com.:443"],
    ["a user", "user@registry.cn-hangzhou.aliyuncs.com"],
    ["a user and password", "user:password@registry.cn-hangzhou.aliyuncs.com"],
    ["the host as user", "registry.cn-hangzhou.aliyuncs.com@evil.example"],
    ["the host as user before a port", "registry.cn-hangzhou.aliyuncs.com:443@evil.example"],
    ["percent-encoding", "registry%2ecn-hangzhou.aliyuncs.com"],
    ["a letter that looks alike", "regıstry.cn-hangzhou.aliyuncs.com"],
    ["a Kelvin sign, which lower-cases to k", "registry.\u212an-hangzhou.aliyuncs.com"],
    ["a letter that looks alike, in xn-- form", "xn--regstry-pfb.cn-hangzhou.aliyuncs.com"],
    ["a full-width dot", "registry。cn-hangzhou.aliyuncs.com"],
    ["another port", "registry.cn-hangzhou.aliyuncs.com:5000"],
    ["another port of an Enterprise host", "corp-registry.cn-hangzhou.cr.aliyuncs.com:8443"],
    ["port 443 with zeros", "registry.cn-hangzhou.aliyuncs.com:0443"],
    ["two ports", "registry.cn-hangzhou.aliyuncs.com:443:443"],
    ["no region", "registry.aliyuncs.com"],
    ["a bucket called registry", "registry.oss-cn-hangzhou.aliyuncs.com"],
    ["an API endpoint", "cr.cn-hangzhou.aliyuncs.com"],
    ["an Enterprise host without name", "-registry.cn-hangzhou.cr.aliyuncs.com"],
    ["an Enterprise host that is only registry", "registry.cn-hangzhou.cr.aliyuncs.com"],
    ["an Enterprise host with something between", "corp-registry.x.cn-hangzhou.cr.aliyuncs.com"],
    ["an unknown network", "registry-foo.cn-hangzhou.aliyuncs.com"],
    ["networks in the wrong order", "registry-vpc-intl.cn-hangzhou.aliyuncs.com"],
    ["a crpi host without personal", "crpi-abc.cn-hangzhou.cr.aliyuncs.com"],
    ["a crpi host without ID", "crpi-.cn-hangzhou.personal.cr.aliyuncs.com"],
    ["a line break", "registry.cn-hangzhou.aliyuncs.com\n"],
    ["nothing", ""],
    ["Docker Hub", "docker.io"],
    ["a label that is too long", `${"a".repeat(64)}-registry.cn-hangzhou.cr.aliyuncs.com`],
  ])("not: %s", (_name, host) => {
    expect(parseAcrHost(host)).toBeUndefined();
    expect(mayBeCustomDomain(host)).toBe(false);
  });
});

const region = fc.constantFrom(
  "cn-hangzhou",
  "cn-beijing-finance-1",
  "ap-southeast-1",
  "cn-wuhan-lr",
  "us-west-1",
);
const name = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/);
const acrHost = fc.oneof(
  fc
    .tuple(name, fc.constantFrom("", "-vpc", "-intl", "-internal", "-intl-vpc"), region)
    .map(([n, network, r]) => `${n}-registry${network}.${r}.cr.aliyuncs.com`),
  fc
    .tuple(fc.constantFrom("", "-vpc", "-internal", "-intl", "-intl-vpc"), region)
    .map(([network, r]) => `registry${network}.${r}.aliyuncs.com`),
  fc
    .tuple(fc.stringMatching(/^[a-z0-9]{1,20}$/), fc.constantFrom("", "-vpc"), region)
    .map(([id, network, r]) => `crpi-${id}${network}.${r}.personal.cr.aliyuncs.com`),
);

describe("whatever the name and region", () => {
  test("an Enterprise host gives back both", () => {
    fc.assert(
      fc.property(name, region, fc.boolean(), (instanceName, regionId, vpc) => {
        const host = `${instanceName}-registry${vpc ? "-vpc" : ""}.${regionId}.cr.aliyuncs.com`;
        expect(parseAcrHost(host)).toEqual(ee(instanceName, regionId, vpc ? "vpc" : "public"));
      }),
    );
  });

  test("a host is ours in any case and with port 443", () => {
    fc.assert(
      fc.property(acrHost, fc.array(fc.boolean(), { minLength: 100, maxLength: 100 }), (host, upper) => {
        const mixed = [...host]
          .map((letter, index) => (upper[index] ? letter.toUpperCase() : letter))
          .join("");
        expect(parseAcrHost(host)).toBeDefined();
        expect(parseAcrHost(mixed)).toEqual(parseAcrHost(host) as AcrHost);
        expect(parseAcrHost(`${mixed}:443`)).toEqual(parseAcrHost(host) as AcrHost);
      }),
    );
  });

  test("a look-alike never is", () => {
    const around = fc.stringMatching(/^[a-z0-9.@%:/_ -]{1,12}$/);
    fc.assert(
      fc.property(acrHost, around, (host, text) => {
        const suffixed = `${host}${text}`;
        if (text !== ":443") expect(parseAcrHost(suffixed)).toBeUndefined();
        expect(parseAcrHost(`${text}.${host}`)).toBeUndefined();
        expect(parseAcrHost(`${text}@${host}`)).toBeUndefined();
        expect(parseAcrHost(`${host}.${text}.example`)).toBeUndefined();
        expect(parseAcrHost(`${host}@${text}`)).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  test("one letter changed to one beyond ASCII, or a dot removed, and it is not ours", () => {
    fc.assert(
      fc.property(
        acrHost,
        fc.nat(),
        fc.constantFrom("ı", "е", "ａ", "%", "\u200b", "_", "。"),
        (host, position, letter) => {
          const at = position % host.length;
          expect(parseAcrHost(host.slice(0, at) + letter + host.slice(at + 1))).toBeUndefined();
        },
      ),
    );
  });

  test("what is ours ends in Alibaba Cloud's domain", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.domain(), fc.webAuthority(), fc.string(), fc.string({ unit: "grapheme" })),
        (host) => {
          if (parseAcrHost(host) !== undefined) expect(host.toLowerCase()).toMatch(/\.aliyuncs\.com(:443)?$/);
        },
      ),
    );
  });
});

describe("hosts that may be a custom domain", () => {
  test.each([
    ["images.example.com", true],
    ["images.example.com:443", true],
    ["IMAGES.example.com", true],
    ["xn--bcher-kva.example", true],
    ["images.example.com:5000", false],
    ["images", false],
    ["localhost", false],
    ["localhost:443", false],
    ["10.0.0.1", false],
    ["[::1]", false],
    ["images.example.com.", false],
    ["user@images.example.com", false],
    ["images%2eexample.com", false],
    ["bücher.example", false],
    ["docker.io", false],
    ["registry-1.docker.io", false],
    ["ghcr.io", false],
    ["quay.io", false],
    ["registry.k8s.io", false],
    ["gcr.io", false],
    ["eu.gcr.io", false],
    ["123456789012.dkr.ecr.eu-west-1.amazonaws.com", false],
    ["mydocker.io", true],
  ])("%s: %p", (host, expected) => {
    expect(mayBeCustomDomain(host)).toBe(expected);
  });
});
