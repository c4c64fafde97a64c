import { describe, expect, test } from "bun:test";
import { urlsMatch } from "../../src/kubelet/matchImages/urlsMatch.ts";

/** The kubelet's own cases (TestUrlsMatch and TestDockerKeyringForGlob of pkg/credentialprovider) and those beside them. */
describe("the kubelet's rule", () => {
  test.each([
    ["a star for the first label", "*.kubernetes.io", "prefix.kubernetes.io"],
    ["a star for a label in the middle", "prefix.*.io", "prefix.kubernetes.io"],
    ["a star for the last label", "prefix.kubernetes.*", "prefix.kubernetes.io"],
    ["a star for a part of a label", "*-good.kubernetes.io", "prefix-good.kubernetes.io"],
    ["the same path", "*.kubernetes.io/blah", "prefix.kubernetes.io/blah"],
    ["a longer path", "prefix.*.io/foo", "prefix.kubernetes.io/foo/bar"],
    ["the same path and port", "*.kubernetes.io:1111/blah", "prefix.kubernetes.io:1111/blah"],
    ["a longer path and the same port", "prefix.*.io:1111/foo", "prefix.kubernetes.io:1111/foo/bar"],
    ["a path that goes on within its last part", "reg.io/foo", "reg.io/foobar"],
    [
      "no path in the pattern",
      "registry.cn-hangzhou.aliyuncs.com",
      "registry.cn-hangzhou.aliyuncs.com/ns/app",
    ],
    ["two stars in a label", "*-registry-*.cn.io", "a-registry-b.cn.io"],
    ["a star for nothing", "a*.io", "a.io"],
    ["a path that is percent-encoded", "a.io/%41", "a.io/A/b"],
    ["an empty port", "a.io:", "a.io/x"],
  ])("%s matches", (_name, pattern, image) => {
    expect(urlsMatch(pattern, image)).toBe(true);
  });

  test.each([
    ["a label less in the image", "*.kubernetes.io", "kubernetes.io"],
    ["a label less than two stars want", "*.*.kubernetes.io", "prefix.kubernetes.io"],
    ["two labels less", "*.*.kubernetes.io", "kubernetes.io"],
    ["a star does not reach over a dot", "*.aliyuncs.com", "registry.cn-hangzhou.aliyuncs.com/ns/app"],
    ["another last label", "kubernetes.io", "kubernetes.com"],
    ["another first letter", "k*.io", "quay.io"],
    ["another port", "*.kubernetes.io:1234/blah", "prefix.kubernetes.io:1111/blah"],
    ["a port that the pattern has not", "prefix.*.io/foo", "prefix.kubernetes.io:1111/foo/bar"],
    ["a port that the image has not", "a.io:443", "a.io/x"],
    ["a star for a port", "a.io:*", "a.io:443/x"],
    ["another path", "a.io/foo", "a.io/bar"],
    ["a star in the path", "a.io/*", "a.io/x"],
    ["a path that ends in a slash", "a.io/foo/", "a.io/foo"],
    ["another case", "a.io", "A.io/x"],
    ["a question mark, which begins a query", "a?.io", "ab.io/x"],
    ["brackets, which are for addresses", "[a-z].io", "b.io/x"],
    ["a dot for any letter", "a.io", "abio/x"],
    [
      "-vpc behind a pattern that ends in -registry",
      "*-registry.*.cr.aliyuncs.com",
      "corp-registry-vpc.cn-beijing.cr.aliyuncs.com/a",
    ],
    ["a host that goes on", "a.io", "a.io.evil.example/x"],
    ["the host as user name", "a.io", "a.io@evil.example/x"],
    ["a scheme", "https://a.io", "a.io/x"],
    ["what is no URL", "a b.io", "a b.io"],
  ])("%s does not match", (_name, pattern, image) => {
    expect(urlsMatch(pattern, image)).toBe(false);
  });
});
