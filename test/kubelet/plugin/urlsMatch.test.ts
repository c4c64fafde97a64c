import { expect, test } from "bun:test";
import { array, constantFrom, record, sample } from "fast-check";
import { urlsMatch } from "../../../src/kubelet/matchImages/urlsMatch.ts";
import { describeForEachRelease } from "../support/nodeWithKubelet.ts";
import { kubeletMatches } from "../support/pluginCode.ts";

/** Pairs of pattern and image that a rule of the kubelet's is hidden in. */
const tricky = [
  ["*.aliyuncs.com", "a.b.aliyuncs.com/web"],
  ["*-registry.*.cr.aliyuncs.com", "corp-registry.cn-hangzhou.cr.aliyuncs.com/web"],
  ["*-registry.*.cr.aliyuncs.com", "corp-registry-vpc.cn-hangzhou.cr.aliyuncs.com/web"],
  ["Registry.example.com", "registry.example.com/web"],
  ["registry.example.com:443", "registry.example.com/web"],
  ["registry.example.com", "registry.example.com:443/web"],
  ["registry.example.com:*", "registry.example.com:443/web"],
  ["registry.example.com/*", "registry.example.com/web"],
  ["registry.example.com/te", "registry.example.com/team/web"],
  ["registry.example.com/team/", "registry.example.com/team"],
  ["r?gistry.example.com", "registry.example.com/web"],
  ["[a-z]egistry.example.com", "registry.example.com/web"],
  ["[::1]", "[::1]/web"],
  ["[::1]:5000", "[::1]:5000/web"],
  ["registry.example.com", "registry.example.com@evil.example/web"],
  ["registry.example.com", "registry.example.com./web"],
  ["", "registry.example.com/web"],
  ["*", "localhost/web"],
  ["registry.example.com/a%2Fb", "registry.example.com/a/b"],
  ["registry.example.com%", "registry.example.com/web"],
  ["registry.example.com#x", "registry.example.com/web"],
  ["registry.example.com:port", "registry.example.com/web"],
] as const;

/** Texts made of what hosts, patterns and traps are made of. */
const pieces = constantFrom(..."a b -registry . . * ? / : 443 @ A ü".split(" "));
const text = array(pieces, { maxLength: 8 }).map((parts) => parts.join(""));

describeForEachRelease("our port of the rule for matchImages", (release) => {
  test.each([
    ["tricky pairs", tricky.map(([pattern, image]) => ({ pattern, image }))],
    ["pairs made at random", sample(record({ pattern: text, image: text }), { numRuns: 5_000, seed: 1 })],
  ])("decides %s as the kubelet does", async (_, pairs) => {
    const theirs = await kubeletMatches(release, pairs);
    const ours = pairs.map(({ pattern, image }) => urlsMatch(pattern, image));
    expect(pairs.filter((_, index) => ours[index] !== theirs[index])).toEqual([]);
    expect(theirs).toContain(true);
  });
});
