import { describe, expect, test } from "bun:test";
import { parseChallenge, realmUrl } from "../../src/distribution/challenge.ts";
import { Failure } from "../../src/failure/failure.ts";

const realm = "https://dockerauth.cn-hangzhou.aliyuncs.com/auth";

describe("a WWW-Authenticate header", () => {
  const rows: [name: string, header: string | null, expected: ReturnType<typeof parseChallenge>][] = [
    ["missing", null, undefined],
    ["of a kind that no runtime knows", 'Negotiate realm="x"', undefined],
    [
      "ACR's",
      `Bearer realm="${realm}",service="registry.aliyuncs.com:cn-hangzhou:1"`,
      { scheme: "bearer", realm, service: "registry.aliyuncs.com:cn-hangzhou:1" },
    ],
    [
      "with a scope, spaces and other case",
      `bearer  Realm = "${realm}" , scope="repository:a/b:pull"`,
      { scheme: "bearer", realm },
    ],
    ["without quotes", `Bearer realm=${realm},service=acr`, { scheme: "bearer", realm, service: "acr" }],
    ["Basic", 'Basic realm="registry"', { scheme: "basic", realm: "registry" }],
    ["both, Basic first", `Basic realm="registry", Bearer realm="${realm}"`, { scheme: "bearer", realm }],
    ["a bearer without realm", 'Bearer service="x", Basic realm="y"', { scheme: "basic", realm: "y" }],
    [
      "a comma and an equals sign inside quotes",
      `Bearer realm="${realm}?a=b,c",service="s"`,
      { scheme: "bearer", realm: `${realm}?a=b,c`, service: "s" },
    ],
  ];
  for (const [name, header, expected] of rows) {
    test(name, () => expect(parseChallenge(header)).toEqual(expected));
  }
});

describe("a realm that credentials are not sent to", () => {
  for (const bad of [
    "http://dockerauth.cn-hangzhou.aliyuncs.com/auth",
    "/auth",
    "",
    "ftp://a/",
    "https://user:pw@a.example.com/",
  ]) {
    test(JSON.stringify(bad), () => {
      expect(() => realmUrl({ scheme: "bearer", realm: bad })).toThrow(Failure);
    });
  }
});
