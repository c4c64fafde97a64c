import { expect, test } from "bun:test";
import type { EndpointChoice } from "../../src/openapi/endpoints.ts";
import { endpointsOf, type Product } from "../../src/openapi/endpoints.ts";
import { defaultConfig } from "../support/testRun.ts";

const hosts = (product: Product, regionId: string | undefined, network: EndpointChoice) =>
  endpointsOf({ config: defaultConfig }, product, regionId, network)
    .map(({ url }) => url.replace("https://", ""))
    .join(" ");

const cases: [Product, string | undefined, EndpointChoice, string][] = [
  ["cr", "cn-hangzhou", "public", "cr.cn-hangzhou.aliyuncs.com"],
  ["cr", "cn-hangzhou", "vpcFirst", "cr-vpc.cn-hangzhou.aliyuncs.com cr.cn-hangzhou.aliyuncs.com"],
  ["cr", "cn-hangzhou", "auto", "cr.cn-hangzhou.aliyuncs.com cr-vpc.cn-hangzhou.aliyuncs.com"],
  ["cr", "cn-heyuan", "vpc", "cr.cn-heyuan.aliyuncs.com"],
  ["cr", "cn-hangzhou", "vpc", "cr-vpc.cn-hangzhou.aliyuncs.com"],
  ["sts", "cn-hangzhou", "vpc", "sts-vpc.cn-hangzhou.aliyuncs.com"],
  ["cr", "cn-huhehaote", "vpc", "cr.cn-huhehaote.aliyuncs.com"],
  ["cr", "cn-wulanchabu", "auto", "cr.cn-wulanchabu.aliyuncs.com"],
  ["cr", "xx-new-9", "vpcFirst", "cr-vpc.xx-new-9.aliyuncs.com cr.xx-new-9.aliyuncs.com"],
  ["sts", "cn-hangzhou", "public", "sts.cn-hangzhou.aliyuncs.com"],
  ["sts", "cn-heyuan", "vpcFirst", "sts-vpc.cn-heyuan.aliyuncs.com sts.cn-heyuan.aliyuncs.com"],
  ["sts", "us-west-1", "auto", "sts.us-west-1.aliyuncs.com sts-vpc.us-west-1.aliyuncs.com"],
  ["sts", "cn-hangzhou-finance", "vpc", "sts.aliyuncs.com"],
  ["sts", "cn-shenzhen-finance-1", "vpcFirst", "sts-vpc.cn-shenzhen-finance-1.aliyuncs.com sts.aliyuncs.com"],
  ["sts", "cn-shenzhen-finance-1", "public", "sts.aliyuncs.com"],
  ["sts", "ap-south-1", "vpc", "sts.aliyuncs.com"],
  ["sts", "us-southeast-1", "auto", "sts.aliyuncs.com"],
  ["sts", undefined, "vpc", "sts.aliyuncs.com"],
];

for (const [product, regionId, network, expected] of cases) {
  test(`${product} in ${regionId}, network ${network}: ${expected}`, () => {
    expect(hosts(product, regionId, network)).toBe(expected);
  });
}

test("an override stands alone", () => {
  const config = {
    ...defaultConfig,
    endpoints: { acr: "https://acr.example:8443", sts: "http://127.0.0.1:1" },
  };
  expect(endpointsOf({ config }, "cr", "cn-hangzhou", "vpcFirst")).toEqual([
    { url: "https://acr.example:8443", instead: expect.stringContaining("correct endpoints.acr") },
  ]);
  expect(endpointsOf({ config }, "sts", undefined, "auto")[0]?.url).toBe("http://127.0.0.1:1");
});

test("what cannot be reached names the other network only where there is a choice that the config made, else a proxy", () => {
  const instead = (network: EndpointChoice, regionId = "cn-hangzhou") =>
    endpointsOf({ config: defaultConfig }, "cr", regionId, network).map((endpoint) => endpoint.instead);
  expect(instead("public")).toEqual([expect.stringMatching(/^set network: vpc if .* VPC of cn-hangzhou/)]);
  expect(instead("vpc")).toEqual([expect.stringMatching(/^set network: public if .* VPC of cn-hangzhou/)]);
  const proxy = expect.stringMatching(/^set HTTPS_PROXY /);
  expect(instead("auto")).toEqual([proxy, proxy]);
  expect(instead("public", "cn-heyuan")).toEqual([proxy]);
});
