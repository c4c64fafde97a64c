import { writeFileSync } from "node:fs";
import { keyA } from "../../cloud/defaultWorld.ts";
import { startProxy, type TestProxy } from "../../support/proxy.ts";
import type { Mistake, MistakeGroup } from "../mistake.ts";

/** Time for four attempts and the longest backoff between them. */
const quick = { total: "8s", request: "300ms" };
const TOKEN = { operation: "GetAuthorizationToken" } as const;
const byKey = { identity: { source: "accessKey", accessKeyId: keyA.id, accessKeySecret: keyA.secret } };
/** The API's real host: whoever has a proxy asks nobody else for it, and this proxy is on loopback or does not exist. */
const realApi = (cloud: { endpoints: { sts: string; metadata: string } }) => ({
  endpoints: { sts: cloud.endpoints.sts, metadata: cloud.endpoints.metadata },
  timeouts: quick,
});

/** A proxy that answers each CONNECT with this status. */
function behindProxy(title: string, made: string, status: number): Mistake {
  let proxy: TestProxy | undefined;
  return {
    title,
    made,
    prepare: async (cloud) => {
      proxy = await startProxy({});
      proxy.behaviour = status;
      return {
        config: realApi(cloud),
        env: { HTTPS_PROXY: `http://operator:CANARY-proxy-password@${proxy.address}` },
      };
    },
    after: async () => proxy?.close(),
  };
}

/** What stands between the node and Alibaba Cloud. */
export const network: MistakeGroup = {
  title: "Network, proxy, TLS and clock",
  mistakes: [
    {
      title: "Packets to the API are dropped",
      made: "A firewall drops them, or the node has no way to the Internet.",
      config: { timeouts: quick },
      fault: { ...TOKEN, kind: "hang" },
    },
    {
      title: "network: public on a node in a VPC without a way to the Internet",
      made: "`network: public`, and the node reaches neither the API's public endpoint nor a DNS server that knows it.",
      config: { ...byKey, network: "public", endpoints: {}, tls: {}, timeouts: quick },
      isolated: true,
    },
    {
      title: "network: vpc on a node outside Alibaba Cloud",
      made: "`network: vpc` on own hardware, where no DNS server knows the VPC endpoint.",
      config: { ...byKey, network: "vpc", endpoints: {}, tls: {}, timeouts: quick },
      isolated: true,
    },
    {
      title: "The node reaches neither endpoint",
      made: "`network: auto`, and no DNS server that answers.",
      config: { ...byKey, endpoints: {}, tls: {}, timeouts: quick },
      isolated: true,
    },
    {
      title: "A firewall rejects the connection",
      made: "Nobody listens at the endpoint.",
      prepare: (cloud) => ({
        config: { endpoints: { ...cloudEndpoints(cloud), acr: "https://127.0.0.1:1" }, timeouts: quick },
      }),
    },
    {
      title: "The name of the endpoint is misspelt or does not resolve",
      made: "`endpoints: {acr: cr.cn-hangzou.invalid}`, or a node without DNS.",
      prepare: (cloud) => ({
        config: {
          endpoints: { ...cloudEndpoints(cloud), acr: "https://cr.cn-hangzou.invalid" },
          timeouts: quick,
        },
      }),
    },
    {
      title: "The proxy's name is misspelt",
      made: "`HTTPS_PROXY=http://proxy.corp.invalid:3128` in the kubelet's environment.",
      prepare: (cloud) => ({
        config: realApi(cloud),
        env: { HTTPS_PROXY: "http://operator:CANARY-proxy-password@proxy.corp.invalid:3128" },
      }),
    },
    {
      title: "Nothing listens at the proxy's port",
      made: "The port in `HTTPS_PROXY` is wrong, or the proxy is down.",
      prepare: (cloud) => ({ config: realApi(cloud), env: { https_proxy: "http://127.0.0.1:1" } }),
    },
    behindProxy(
      "The proxy wants another user name or password",
      "The user or password in `HTTPS_PROXY` is wrong: the proxy answers 407.",
      407,
    ),
    behindProxy("The proxy does not let the host through", "The proxy answers 403 for the API's host.", 403),
    behindProxy("The proxy has no way to the host", "The proxy answers 502.", 502),
    {
      title: "A proxy inspects TLS, and the node does not trust its authority",
      made: "The certificate is not signed by a public authority, and `tls.caFile` is missing.",
      config: { tls: {} },
    },
    {
      title: "tls.caFile does not exist",
      made: "`tls: {caFile: /etc/aliyun-acr-credential-provider/ca.pem}`, and no such file.",
      prepare: (_cloud, node) => ({ config: { tls: { caFile: `${node.directory}/ca.pem` } } }),
    },
    {
      title: "tls.caFile is not PEM",
      made: "`tls.caFile` names a certificate in DER.",
      prepare: (_cloud, node) => {
        writeFileSync(`${node.directory}/ca.der`, Buffer.from([0x30, 0x82, 0x01, 0x0a]));
        return { config: { tls: { caFile: `${node.directory}/ca.der` } } };
      },
    },
    {
      title: "The node's clock is wrong",
      made: "The clock is an hour behind.",
      prepare: (cloud) => {
        cloud.clock.skewMs = 3_600_000;
        return undefined;
      },
    },
    {
      title: "A login page answers instead of the API",
      made: "A captive portal or a proxy redirects to its login page.",
      fault: { ...TOKEN, kind: "redirect", location: "https://login.example.com/" },
    },
    {
      title: "Something else answers at the endpoint",
      made: "`endpoints.acr` names a web server.",
      config: { timeouts: quick },
      fault: { ...TOKEN, kind: "malformedJson" },
    },
    {
      title: "Too many calls from the account",
      made: "Many nodes ask at once, and the API limits them.",
      config: { timeouts: quick },
      fault: { ...TOKEN, kind: "throttle" },
    },
    {
      title: "The API is out of order",
      made: "The API answers 503.",
      config: { timeouts: quick },
      fault: { ...TOKEN, kind: "status", status: 503 },
    },
  ],
};

function cloudEndpoints({ endpoints: { sts, metadata } }: { endpoints: { sts: string; metadata: string } }) {
  return { sts, metadata };
}
