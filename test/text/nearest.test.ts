import { describe, expect, test } from "bun:test";
import { nearest } from "../../src/text/nearest.ts";

describe("the nearest known word", () => {
  test.each([
    ["vcp", ["auto", "vpc", "public"], "vpc"],
    ["pubilc", ["auto", "vpc", "public"], "public"],
    ["cahce", ["cache", "access"], "cache"],
    ["regoinId", ["regionId", "instanceId"], "regionId"],
    ["instanceld", ["instanceName", "instanceId"], "instanceId"],
    ["Domain", ["domains"], "domains"],
    ["ab", ["ba"], "ba"],
    ["cn-hangzhuo", ["cn-hangzhou", "cn-huhehaote"], "cn-hangzhou"],
  ])("%s means one of %p: %s", (word, candidates, expected) => {
    expect(nearest(word, candidates)).toBe(expected);
  });

  test.each([
    ["intranet", ["auto", "vpc", "public"]],
    ["cvp", ["vpc"]],
    ["", []],
  ])("%s means none of %p", (word, candidates) => {
    expect(nearest(word, candidates)).toBeUndefined();
  });
});
