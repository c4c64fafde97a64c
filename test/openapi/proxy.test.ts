import { expect, test } from "bun:test";
import { Failure } from "../../src/failure/failure.ts";
import { proxyChoice } from "../../src/openapi/proxy.ts";

const ACR = "https://cr.cn-hangzhou.aliyuncs.com/";
const PROXY = "http://proxy.example:3128";

function choice(env: Record<string, string>, url: string): string | undefined {
  return proxyChoice(env, new URL(url)).proxy?.href;
}

const chosen: [name: string, env: Record<string, string>, url: string, proxy: string | undefined][] = [
  ["no variable", {}, ACR, undefined],
  ["HTTPS_PROXY for https", { HTTPS_PROXY: PROXY }, ACR, `${PROXY}/`],
  ["https_proxy in lower case", { https_proxy: PROXY }, ACR, `${PROXY}/`],
  ["upper case first", { HTTPS_PROXY: PROXY, https_proxy: "http://other:1" }, ACR, `${PROXY}/`],
  ["an empty upper case variable counts as none", { HTTPS_PROXY: "", https_proxy: PROXY }, ACR, `${PROXY}/`],
  ["HTTP_PROXY is not for https", { HTTP_PROXY: PROXY }, ACR, undefined],
  ["HTTP_PROXY for http", { HTTP_PROXY: PROXY }, "http://creds.example/", `${PROXY}/`],
  ["ALL_PROXY is not ours", { ALL_PROXY: PROXY }, ACR, undefined],
  ["without scheme", { HTTPS_PROXY: "proxy.example:3128" }, ACR, `${PROXY}/`],
  ["https proxy", { HTTPS_PROXY: "https://proxy.example" }, ACR, "https://proxy.example/"],
  ["user name and password", { HTTPS_PROXY: "http://u%40x:p@proxy:1" }, ACR, "http://u%40x:p@proxy:1/"],
  ["localhost is never proxied", { HTTPS_PROXY: PROXY }, "https://localhost:8443/", undefined],
  ["127/8 is never proxied", { HTTPS_PROXY: PROXY }, "https://127.1.2.3/", undefined],
  ["::1 is never proxied", { HTTPS_PROXY: PROXY }, "https://[::1]:8443/", undefined],
];

for (const [name, env, url, proxy] of chosen) {
  test(`proxy: ${name}`, () => {
    expect(choice(env, url)).toBe(proxy as string);
  });
}

const exceptions: [noProxy: string, url: string, direct: boolean][] = [
  ["*", ACR, true],
  ["aliyuncs.com", ACR, true],
  ["ALIYUNCS.COM", ACR, true],
  [".aliyuncs.com", ACR, true],
  ["*.aliyuncs.com", ACR, true],
  [".cr.cn-hangzhou.aliyuncs.com", ACR, false],
  ["*.cr.cn-hangzhou.aliyuncs.com", ACR, false],
  ["cr.cn-hangzhou.aliyuncs.com", ACR, true],
  ["iyuncs.com", ACR, false],
  ["cr.cn-hangzhou.aliyuncs.com.evil.example", ACR, false],
  ["example.com, .internal , aliyuncs.com", ACR, true],
  ["example.com .internal aliyuncs.com", ACR, false],
  ["aliyuncs.com:443", ACR, true],
  ["aliyuncs.com:8443", ACR, false],
  ["aliyuncs.com:8443", "https://cr.aliyuncs.com:8443/", true],
  ["10.1.2.3", "https://10.1.2.3/", true],
  ["10.1.2.3:443", "https://10.1.2.3/", true],
  ["10.1.2.3:80", "https://10.1.2.3/", false],
  ["10.1.2.3", "https://10.1.2.30/", false],
  ["1.2.3", "https://10.1.2.3/", false],
  ["10.0.0.0/8", "https://10.1.2.3/", true],
  ["10.0.0.0/16", "https://10.1.2.3/", false],
  ["100.64.0.0/10", "https://100.100.100.200/", true],
  ["10.0.0.0/99", "https://10.1.2.3/", false],
  ["10.0.0.0/", "https://10.1.2.3/", false],
  ["10.0.0.0/8", ACR, false],
  ["fd00::/8", "https://[fd00::1]/", true],
  ["fd00::/8", "https://[fe80::1]/", false],
  ["fd00::1", "https://[fd00::1]:8443/", true],
  ["fd00:0::0:1", "https://[fd00::1]/", true],
  ["[fd00::1]:443", "https://[fd00::1]/", true],
  ["[fd00::1]", "https://[fd00::1]/", false],
  ["aliyuncs.com:", ACR, true],
  ["10.0.0.0/8", "https://[fd00::1]/", false],
  ["", ACR, false],
  [",,", ACR, false],
];

for (const [noProxy, url, direct] of exceptions) {
  test(`NO_PROXY=${noProxy} ${direct ? "exempts" : "does not exempt"} ${url}`, () => {
    expect(choice({ HTTPS_PROXY: PROXY, NO_PROXY: noProxy }, url)).toBe(
      direct ? (undefined as never) : `${PROXY}/`,
    );
  });
}

for (const value of ["http://:3128", "http://a b", "ftp://proxy:21", " "]) {
  test(`a proxy that is none is refused, without its text: ${value}`, () => {
    const failure = refusal(value);
    expect(failure.message).toBe("use the proxy of HTTPS_PROXY: it is not an http:// or https:// URL");
    expect(failure.remedy).toContain("http://HOST:PORT");
  });
}

for (const scheme of ["socks5", "SOCKS5h", "socks4"]) {
  test(`a ${scheme} proxy is refused by name, with the three ways out`, () => {
    const failure = refusal(`${scheme}://user:canary@proxy:1080`);
    expect(failure.message).toBe(
      `use the proxy of HTTPS_PROXY: ${scheme.toLowerCase()}:// proxies are not supported`,
    );
    for (const words of [
      "an HTTP proxy",
      "env of its provider",
      "add cr.cn-hangzhou.aliyuncs.com to NO_PROXY",
    ]) {
      expect(failure.remedy).toContain(words);
    }
    expect(failure.remedy).not.toContain("canary");
    // Where no proxy is used, it does not matter which one is named.
    expect(choice({ HTTPS_PROXY: `${scheme}://proxy:1080`, NO_PROXY: "aliyuncs.com" }, ACR)).toBeUndefined();
  });
}

function refusal(value: string): Failure {
  try {
    proxyChoice({ HTTPS_PROXY: value }, new URL(ACR));
  } catch (error) {
    if (error instanceof Failure && error.code === "ProxyInvalid") return error;
    throw error;
  }
  throw new Error("no failure");
}

const reasons: [env: Record<string, string>, url: string, reason: string][] = [
  [{}, ACR, "HTTPS_PROXY is not set"],
  [{ https_proxy: PROXY }, ACR, "https_proxy"],
  [{ HTTPS_PROXY: PROXY }, "https://127.0.0.1:8443/", "this machine is never proxied"],
  [{ HTTPS_PROXY: PROXY, no_proxy: "a.example, aliyuncs.com" }, ACR, 'no_proxy has "aliyuncs.com"'],
  [{ HTTP_PROXY: PROXY, REQUEST_METHOD: "GET" }, "http://creds.example/", "HTTP_PROXY"],
];
test.each(reasons)("what decided: %j, %s", (env, url, reason) => {
  expect(proxyChoice(env, new URL(url)).reason).toBe(reason);
});
