import { expect, test } from "bun:test";
import { Failure } from "../../../src/failure/failure.ts";
import { proxyChoice } from "../../../src/openapi/proxy.ts";
import { harnessOf } from "../setup/paths.ts";
import { startLineProcess } from "../support/lineProcess.ts";
import { describeForEachRelease } from "../support/nodeWithKubelet.ts";

const PROXY = "http://proxy.example:3128";

const urls = [
  "https://cr.cn-hangzhou.aliyuncs.com/",
  "https://cr.cn-hangzhou.aliyuncs.com:8443/",
  "https://aliyuncs.com/",
  "https://evilaliyuncs.com/",
  "https://cr.cn-hangzhou.aliyuncs.com.evil.example/",
  "https://10.1.2.3/",
  "https://10.1.2.3:8443/",
  "https://[fd00::1]/",
  "https://[fd00::1]:8443/",
  "https://[::ffff:a01:203]/",
  "https://localhost/",
  "https://127.1.2.3:8443/",
  "https://[::1]/",
  "https://[::ffff:7f00:1]/",
  "https://xn--bcher-kva.example/",
];

const exceptions = [
  "",
  ",,",
  "*",
  "a.example,*,b.example",
  "*.*",
  "aliyuncs.com",
  "ALIYUNCS.com",
  " aliyuncs.com ",
  "a.example aliyuncs.com",
  "a.example;aliyuncs.com",
  "a.example,\taliyuncs.com",
  ".aliyuncs.com",
  "..aliyuncs.com",
  "*.aliyuncs.com",
  "*aliyuncs.com",
  "aliyuncs.com.",
  "iyuncs.com",
  "com",
  "cr.cn-hangzhou.aliyuncs.com",
  ".cr.cn-hangzhou.aliyuncs.com",
  "https://cr.cn-hangzhou.aliyuncs.com",
  "aliyuncs.com:443",
  ".aliyuncs.com:8443",
  "*.aliyuncs.com:8443",
  "aliyuncs.com:",
  "aliyuncs.com:https",
  "aliyuncs.com:0443",
  ":443",
  "10.1.2.3",
  "10.1.2.3:443",
  "10.1.2.3:",
  "10.1.2.3:80",
  "10.1.2.03",
  "10.1.2",
  "1.2.3",
  ".2.3",
  "2.3:443",
  "10.0.0.0/8",
  "10.9.9.9/8",
  "10.0.0.0/08",
  "10.0.0.0/16",
  "10.1.2.2/31",
  "10.1.2.3/32",
  "0.0.0.0/0",
  "::/0",
  "10.0.0.0/33",
  "10.0.0.0/",
  "10.0.0.0/-1",
  "10.0.0/8",
  "10.0.0.0/8:443",
  "fd00::/8",
  "FD00:0::/8",
  "fd00::1",
  "fd00:0:0::0:1",
  "[fd00::1]",
  "[fd00::1]:443",
  "[fd00::1]:",
  "fd00::1:443",
  "fe80::/10",
  "::ffff:10.1.2.3",
  "::ffff:10.0.0.0/104",
  "::ffff:10.0.0.0/90",
  "::ffff:0:0/96",
  "bücher.example",
  ".bücher.example",
  "127.0.0.0/8",
  "localhost",
];

/** Values of HTTPS_PROXY that both take. What Go passes over in silence is a mistake here. */
const proxies = [
  "10.0.0.5:3128",
  "proxy.example:3128",
  "proxy.example",
  "proxy",
  "user:secret@proxy.example:3128",
  "user@proxy.example",
  "http://proxy.example",
  "HTTP://proxy.example:3128",
  "https://proxy.example",
  "https://user:p%40ss@proxy.example:8443/",
  "[fd00::5]:3128",
  "http://[fd00::5]:3128",
];

interface Question {
  readonly httpProxy?: string;
  readonly httpsProxy?: string;
  readonly noProxy?: string;
  readonly url: string;
}

const questions: Question[] = [
  ...exceptions.flatMap((noProxy) => urls.map((url) => ({ httpsProxy: PROXY, noProxy, url }))),
  ...proxies.map((httpsProxy) => ({ httpsProxy, url: urls[0] ?? "" })),
  ...[{ httpProxy: PROXY }, { httpsProxy: PROXY }].flatMap((one) => [
    { ...one, url: "http://example.com/" },
    { ...one, url: "http://example.com:443/" },
    { ...one, noProxy: "example.com:80", url: "http://example.com/" },
    { ...one, url: "https://example.com/" },
  ]),
];

function ours({ httpProxy, httpsProxy, noProxy, url }: Question): string {
  const env = { HTTP_PROXY: httpProxy, HTTPS_PROXY: httpsProxy, NO_PROXY: noProxy };
  return proxyChoice(env, new URL(url)).proxy?.origin ?? "";
}

/** As `origin` writes it: without the port that the scheme has anyway. */
function comparable(proxy: string): string {
  return proxy === "" ? "" : new URL(proxy).origin;
}

describeForEachRelease("our choice of a proxy", (release) => {
  test("is that of the kubelet's own client, for every form of proxy and exception", async () => {
    const kubelet = startLineProcess([harnessOf(release), "proxies"], { cwd: "/", env: {} });
    const different: object[] = [];
    const seen = { proxied: 0, direct: 0 };
    for (const question of questions) {
      const { proxy, error } = await kubelet.ask<{ proxy: string; error?: string }>(question);
      const theirs = comparable(proxy);
      seen[theirs === "" ? "direct" : "proxied"]++;
      if (error !== undefined || ours(question) !== theirs) {
        different.push({ ...question, theirs: error ?? theirs, ours: ours(question) });
      }
    }
    await kubelet.stop();
    expect(different).toEqual([]);
    expect(Math.min(seen.proxied, seen.direct)).toBeGreaterThan(100);
  });

  test.each(["socks5://proxy.example:1080", "socks5h://user:secret@proxy.example"])(
    "the kubelet's client would take %s, and the plugin says that it does not",
    async (httpsProxy) => {
      const kubelet = startLineProcess([harnessOf(release), "proxies"], { cwd: "/", env: {} });
      const question = { httpsProxy, url: urls[0] ?? "" };
      const { proxy } = await kubelet.ask<{ proxy: string }>(question);
      await kubelet.stop();
      expect(proxy).toStartWith("socks5");
      expect(() => ours(question)).toThrow(Failure);
    },
  );
});
