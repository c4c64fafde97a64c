import { expect, test } from "bun:test";
import schema from "../../node-config/config.schema.json";
import { isRegion } from "../../src/host/region.ts";

const regions = ["cn-hangzhou", "cn-beijing-finance-1", "cn-north-2-gov-1", "ap-southeast-7", "cn-wuhan-lr"];
const others = [
  "oss-cn-hangzhou",
  "dh-cn-hangzhou",
  "cr-vpc",
  "cn",
  "cn-",
  "CN-hangzhou",
  "cn-hangzhou.oss",
  "cn-hangzhou-",
  "-cn-hangzhou",
  "",
];

test.each(regions)("%s is a region, for the config's schema too", (text) => {
  expect(isRegion(text)).toBe(true);
  expect(text).toMatch(new RegExp(schema.definitions.RegionId.pattern));
});

test.each(others)("%p is not a region, nor for the config's schema", (text) => {
  expect(isRegion(text)).toBe(false);
  expect(text).not.toMatch(new RegExp(schema.definitions.RegionId.pattern));
});
