import { describe, expect, test } from "bun:test";
import { array, assert, constantFrom, property } from "fast-check";
import { Failure } from "../../src/failure/failure.ts";
import type { CredentialProvider } from "../../src/kubelet/credentialProviderConfig/credentialProvider.ts";
import { imageRepository } from "../../src/kubelet/matchImages/imageRepository.ts";
import { matchingProviders } from "../../src/kubelet/matchImages/matchingProviders.ts";
import { neverMatches } from "../../src/kubelet/matchImages/neverMatches.ts";
import { type PatternMiss, patternMiss } from "../../src/kubelet/matchImages/patternMiss.ts";
import { urlsMatch } from "../../src/kubelet/matchImages/urlsMatch.ts";

const host = "corp-registry-vpc.cn-hangzhou.cr.aliyuncs.com";
const image = `${host}/team/web`;

describe("why a pattern does not match an image", () => {
  test.each<[pattern: string, reason: PatternMiss["reason"], message: string, repository?: string]>([
    [
      `${host}/*`,
      "never",
      `matches no image: after the host a * stands for nothing but itself; write ${host}, which matches all its repositories`,
    ],
    ["*.cr.aliyuncs.com/*", "never", "write *.cr.aliyuncs.com, which"],
    [`https://${host}`, "never", "https:// is taken for the host; leave it out"],
    [`${host}/team/web:1`, "never", "tag and digest have no part in the comparison"],
    [`${host}/Team`, "never", "no upper case letters"],
    [`${host}//team`, "never", 'no repository begins with "//team"'],
    [`${host}.`, "never", "two dots in a row, or one at its beginning or end"],
    ["/team", "never", "does not begin with a host"],
    ["registry_vpc.example.com", "never", 'no host of an image has a part "registry_vpc"'],
    ["nginx", "never", "an image nginx is one of Docker Hub, compared as docker.io/library/nginx"],
    ["[::1]", "never", "only together with its port"],
    [`${host}:*`, "never", "what follows its colon is not a port number"],
    [
      "*.aliyuncs.com",
      "labels",
      `has 3 parts between its dots, and ${host} has 5: a * stands for one of them or less; write *.*.*.aliyuncs.com`,
    ],
    [
      "*.example.com",
      "labels",
      `has 3 parts between its dots, and ${host} has 5: a * stands for one of them or less`,
    ],
    [
      "*.a.example.com",
      "labels",
      "has 4 parts between its dots, and a.example.com has 3",
      "a.example.com/web",
    ],
    ["*-registry.*.cr.aliyuncs.com", "host", `has "*-registry" where ${host} has "corp-registry-vpc"`],
    ["Corp-registry-vpc.*.cr.aliyuncs.com", "case", "in upper and lower case, and that counts"],
    [`${host}:443`, "port", "is for port 443, and the image is written without a port"],
    [
      host,
      "port",
      "has no port, and the image is written with :443: write the pattern with it as well",
      `${host}:443/team/web`,
    ],
    [`${host}:80`, "port", "is for port 80, and the image is written with :443", `${host}:443/team/web`],
    [`${host}/prod`, "path", 'has the path "/prod", with which "/team/web" does not begin'],
    [`${host}/team/web/`, "path", 'has the path "/team/web/", with which'],
  ])("%s: %s", (pattern, reason, message, repository = image) => {
    expect(patternMiss(pattern, repository)).toMatchObject({
      reason,
      message: expect.stringContaining(message),
    });
  });

  test.each([host, `${host}/te`, "*-registry-*.*.*.*.com", `user@${host}`, `${host}?x`])(
    "%s matches",
    (pattern) => {
      expect(patternMiss(pattern, image)).toBeUndefined();
    },
  );

  test("there is a reason exactly where the kubelet's rule does not match, and a never is one", () => {
    const piece = constantFrom(..."a b A -registry . . * / : 443 @ _ ü localhost a.b".split(" "));
    const pattern = array(piece, { maxLength: 7 }).map((parts) => parts.join(""));
    const name = constantFrom(
      "a.b/a",
      "a.b:443/a/b",
      "A.b/a-b",
      "localhost/a",
      "b-registry.a.b/a",
      "[::1]:443/a",
    );
    let matched = 0;
    assert(
      property(pattern, name, (text, repository) => {
        const matches = urlsMatch(text, repository);
        if (matches) matched++;
        expect(patternMiss(text, repository) === undefined).toBe(matches);
        if (neverMatches(text) !== undefined) expect(matches).toBe(false);
      }),
      { numRuns: 5_000, seed: 1 },
    );
    expect(matched).toBeGreaterThan(20);
  });
});

describe("the providers for an image", () => {
  const provider = (name: string, ...matchImages: string[]): CredentialProvider => ({
    name,
    apiVersion: "credentialprovider.kubelet.k8s.io/v1",
    matchImages,
    defaultCacheDuration: 0,
    args: [],
    env: [],
    file: "/config.yaml",
    index: 0,
    line: 4,
    patternLines: matchImages.map((_, index) => 7 + index),
  });

  test("are all that match, with the first pattern that does", () => {
    const both = [
      provider("one", "a.example.com", host, `${host}/team`),
      provider("two", "*.*.cr.aliyuncs.com"),
    ];
    expect(matchingProviders(both, image)).toEqual({
      matching: [
        { provider: both[0] as CredentialProvider, pattern: host, line: 8 },
        { provider: both[1] as CredentialProvider, pattern: "*.*.cr.aliyuncs.com", line: 7 },
      ],
      others: [],
    });
  });

  test("do not have those that do not, each with its reasons, the closest first", () => {
    const patterns = [
      "*.aliyuncs.com",
      "registry.cn-hangzhou.cr.aliyuncs.com",
      `${host}/*`,
      "x.y",
      host.toUpperCase(),
    ];
    const [other] = matchingProviders(
      [provider("one", ...patterns)],
      "registry-vpc.cn-hangzhou.cr.aliyuncs.com/a",
    ).others;
    expect(other?.misses.map(({ pattern, line, reason }) => ({ pattern, line, reason }))).toEqual([
      { pattern: "registry.cn-hangzhou.cr.aliyuncs.com", line: 8, reason: "host" },
      { pattern: `${host}/*`, line: 9, reason: "never" },
      { pattern: host.toUpperCase(), line: 11, reason: "host" },
      { pattern: "*.aliyuncs.com", line: 7, reason: "labels" },
      { pattern: "x.y", line: 10, reason: "labels" },
    ]);
    const [close] = matchingProviders([provider("one", ...patterns)], image).others;
    expect(close?.misses.map(({ pattern }) => pattern).slice(0, 2)).toEqual([
      `${host}/*`,
      host.toUpperCase(),
    ]);
  });
});

describe("the repository of an image", () => {
  test.each([
    ["nginx", "docker.io/library/nginx"],
    ["nginx:1.27", "docker.io/library/nginx"],
    ["team/web@sha256:0123", "docker.io/team/web"],
    ["docker.io/nginx", "docker.io/library/nginx"],
    ["index.docker.io/team/web:1", "docker.io/team/web"],
    [`${image}:1@sha256:0123`, image],
    ["a.example.com:5000/web:1", "a.example.com:5000/web"],
    ["UPPER/web", "UPPER/web"],
  ])("%s", (reference, repository) => {
    expect(imageRepository(reference)).toBe(repository);
  });

  test.each([
    "",
    "a.example.com/Web",
    "a.example.com/a//b",
    "a.example.com/-a",
    "https://a.example.com/web",
    "a b",
  ])("%p is not an image", (reference) => {
    expect(() => imageRepository(reference)).toThrow(Failure);
  });
});
