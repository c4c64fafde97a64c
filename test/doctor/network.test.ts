import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { notReached } from "../../src/commands/doctor/network/networkRemedies.ts";
import { networkFailure } from "../../src/openapi/networkFailure.ts";
import { instanceCorp, keyA, roleAcrForAccountA } from "../cloud/defaultWorld.ts";
import { createCertificateAuthority } from "../cloud/http/certificates.ts";
import { checkOf, checksOf, closedAddress, statusesOf } from "../support/doctor.ts";
import { startProxy, type TestProxy } from "../support/proxy.ts";
import { startTestRegistry, type TestRegistry } from "../support/registry.ts";
import { useSimulatedNode } from "../support/simulatedNode.ts";

const REGISTRY = "corp-registry.cn-hangzhou.cr.aliyuncs.com";
const API = "cr.cn-hangzhou.aliyuncs.com";
const STS = "sts.cn-hangzhou.aliyuncs.com";

const at = useSimulatedNode({}, { hosts: [REGISTRY] });
const identity = { source: "accessKey", accessKeyId: keyA.id, accessKeySecret: keyA.secret };
let registry: TestRegistry;

beforeEach(async () => {
  registry = await startTestRegistry(at.cloud, [REGISTRY]);
  configure();
});
afterEach(() => registry.close());

function configure(more: Record<string, unknown> = {}) {
  at.node.configure({
    identity,
    registries: [{ instanceId: instanceCorp, regionId: "cn-hangzhou", domains: [registry.host] }],
    timeouts: { total: "10s", request: "1s" },
    ...more,
  });
}

const entry = (host: string) => ({ instanceId: instanceCorp, regionId: "cn-hangzhou", domains: [host] });

describe("every host that a pull needs is reached", () => {
  test("with an image: also the token realm and the layer host that its registry names", async () => {
    const checks = await checksOf(at, "network", [`${registry.host}/team/web:1`]);
    expect(statusesOf(checks)).toEqual([
      "proxy ok",
      "api ok",
      "sts ok",
      "registry ok",
      "token-realm ok",
      "layers ok",
      "clock ok",
    ]);
    expect(checkOf(checks, "registry").found).toBe("resolves to 127.0.0.1, answers (HTTP 401)");
    expect(checkOf(checks, "token-realm").subject).toBe(`${new URL(registry.realm).host} (token realm)`);
    expect(checkOf(checks, "layers").subject).toBe(`${new URL(registry.layers).host} (layer host)`);
    expect(checkOf(checks, "proxy").found).toBe("none: the environment that the plugin gets names none");
  });

  test("without one: the realm of the config's domains; the layer host is not known", async () => {
    const checks = await checksOf(at, "network");
    expect(checkOf(checks, "token-realm").status).toBe("ok");
    expect(checkOf(checks, "layers")).toMatchObject({
      status: "skipped",
      found: 'nothing names it: "doctor IMAGE" does',
    });
  });

  test("without a region: the API cannot be named", async () => {
    configure({ registries: [] });
    at.cloud.faults.set({ operation: "MetadataToken", kind: "reset" });
    const { status, found } = checkOf(await checksOf(at, "network"), "api");
    expect(status).toBe("skipped");
    expect(found).toContain("set defaultRegion");
  });

  test("--offline reaches nothing", async () => {
    const checks = await checksOf(at, "network", ["--offline"]);
    expect(statusesOf(checks)).toEqual(["api skipped"]);
    expect(at.cloud.requests).toEqual([]);
  });
});

/** The backlog of Bun's listeners (uSockets), whatever they are asked for. */
const QUEUE = 512;

/** A listener that accepts nothing and whose queue is full, so that the kernel drops what comes. */
async function fullListener(): Promise<{ readonly port: number; end(): void }> {
  const program =
    'const s = require("node:net").createServer().listen({ port: 0, host: "127.0.0.1" }, () => console.log(s.address().port))';
  const child = Bun.spawn([process.execPath, "-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  const { value } = await child.stdout.getReader().read();
  const port = Number(Buffer.from(value ?? []).toString());
  child.kill("SIGSTOP");
  const sockets = Array.from({ length: QUEUE + 20 }, () =>
    connect({ port, host: "127.0.0.1" }).on("error", () => {}),
  );
  await Bun.sleep(200);
  return {
    port,
    end() {
      for (const socket of sockets) socket.destroy();
      child.kill("SIGKILL");
    },
  };
}

describe("what keeps a host from being reached is told apart", () => {
  test("a connection that is refused", async () => {
    const closed = await closedAddress();
    configure({ endpoints: { ...endpoints(), acr: `https://${closed}` } });
    const { status, found, remedy } = checkOf(await checksOf(at, "network"), "api");
    expect(status).toBe("failed");
    expect(found).toBe(`connect to ${closed}: connection refused`);
    expect(remedy).toContain(`try: nc -vz 127.0.0.1 ${closed.split(":")[1]}`);
  });

  test("a host that takes the connection and never answers", async () => {
    const silent = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
    const { port } = silent;
    configure({ registries: [entry(`127.0.0.1:${port}`)] });
    const checks = await checksOf(at, "network");
    silent.stop(true);
    const { status, found } = checkOf(checks, "registry");
    expect(status).toBe("failed");
    const host = `127.0.0.1:${port}`;
    expect(found).toBe(`${host} accepts the connection and then does not answer: waited 1 s for ${host}`);
  });

  test("a host that takes no connection and refuses none", async () => {
    const full = await fullListener();
    configure({ registries: [entry(`127.0.0.1:${full.port}`)] });
    const checks = await checksOf(at, "network");
    full.end();
    const { status, found, remedy } = checkOf(checks, "registry");
    expect(status).toBe("failed");
    expect(found).toBe(`connect to 127.0.0.1:${full.port}: nothing answers within 1 s`);
    expect(remedy).toContain("check firewalls, security groups and routes");
  });

  test("a certificate of an authority that nobody trusts", async () => {
    const other = createCertificateAuthority("Somebody Else").issue(["127.0.0.1"]);
    const server = Bun.serve({ hostname: "127.0.0.1", port: 0, tls: other, fetch: () => new Response() });
    configure({ registries: [entry(`127.0.0.1:${server.port}`)] });
    const { port } = server;
    const checks = await checksOf(at, "network");
    await server.stop(true);
    const { status, found, remedy } = checkOf(checks, "registry");
    expect(status).toBe("failed");
    expect(found).toContain("signed by an authority that this node does not trust");
    expect(remedy).toContain("update-ca-certificates");
    expect(remedy).toContain(`openssl s_client -connect 127.0.0.1:${port}`);
  });

  test("an address inside Alibaba Cloud that nothing routes to", () => {
    const target = { id: "layers", url: new URL("https://oss-cn-hangzhou-internal.aliyuncs.com/") } as const;
    const said = (address: string) =>
      notReached(target, networkFailure({ code: "EHOSTUNREACH" }, { host: `${address}:443` }));
    expect(said("100.118.28.50").found).toContain("to which nothing routes from elsewhere");
    expect(said("100.118.28.50").remedy).toContain("route 100.64.0.0/10 from this network to a VPC");
    expect(said("100.128.0.1").found).not.toContain("to which nothing routes");
    expect(said("10.100.64.1").found).not.toContain("to which nothing routes");
  });

  test("STS is a failure only where an identity needs it", async () => {
    const sts = `https://${await closedAddress()}`;
    configure({ endpoints: { ...endpoints(), sts } });
    expect(checkOf(await checksOf(at, "network"), "sts").status).toBe("warning");
    const assumeRoles = [{ roleArn: roleAcrForAccountA }];
    configure({ endpoints: { ...endpoints(), sts }, identity: { ...identity, assumeRoles } });
    expect(checkOf(await checksOf(at, "network"), "sts").status).toBe("failed");
  });

  function endpoints() {
    const { acr, sts, metadata } = at.cloud.endpoints;
    return { acr, sts, metadata };
  }
});

describe("the node's clock against the API's", () => {
  const rows = [
    ["right", 0, "ok", "within a minute"],
    ["a little behind", 3 * 60_000, "warning", "3 min behind the API's"],
    ["behind", 20 * 60_000, "failed", "20 min behind"],
    ["ahead", -20 * 60_000, "failed", "20 min ahead of the API's"],
  ] as const;
  for (const [name, skewMs, status, found] of rows) {
    test(name, async () => {
      at.cloud.clock.skewMs = skewMs;
      const check = checkOf(await checksOf(at, "network"), "clock");
      expect(check.status).toBe(status);
      expect(check.found).toContain(found);
      if (status === "failed") expect(check.remedy).toContain("timedatectl set-ntp true");
    });
  }
});

describe("through a proxy", () => {
  let proxy: TestProxy;
  afterEach(() => proxy.close());

  /** Alibaba Cloud's own names, which only the proxy can lead to. */
  async function proxied(variable: string, credentials?: string) {
    const { acr, sts, metadata } = at.cloud.endpoints;
    const routes = { [API]: acr, [STS]: sts, [REGISTRY]: `https://${registry.host}` };
    proxy = await startProxy(routes, credentials);
    configure({ endpoints: { metadata }, registries: [entry(REGISTRY)], network: "public" });
    return {
      env: { [variable]: `http://${credentials === undefined ? "" : "user:CANARYpass@"}${proxy.address}` },
    };
  }

  const image = `${REGISTRY}/team/web:1`;

  test("the proxy is what must be there, and it opens the tunnels", async () => {
    const checks = await checksOf(at, "network", [image], await proxied("https_proxy", "user:CANARYpass"));
    expect(checkOf(checks, "proxy")).toMatchObject({
      status: "ok",
      subject: `${proxy.address} (https_proxy)`,
      found: "listens at 127.0.0.1",
    });
    for (const id of ["api", "sts", "registry"]) {
      const { status, found } = checkOf(checks, id);
      expect(status).toBe("ok");
      expect(found).toStartWith(`answers through the proxy ${proxy.address} (HTTP`);
    }
    expect(proxy.tunnels.map(({ target }) => target)).toContain(`${REGISTRY}:443`);
  });

  test("a proxy that refuses the tunnel", async () => {
    const options = await proxied("HTTPS_PROXY");
    proxy.behaviour = 407;
    const { status, found, remedy } = checkOf(await checksOf(at, "network", [image], options), "api");
    expect(status).toBe("failed");
    expect(found).toBe(
      `connect to ${API} through the proxy ${proxy.address} (HTTPS_PROXY): the proxy wants another user name and password (HTTP 407)`,
    );
    expect(remedy).toContain("correct user name and password in HTTPS_PROXY");
  });

  test("a proxy that is not there", async () => {
    const options = await proxied("HTTPS_PROXY");
    await proxy.close();
    const checks = await checksOf(at, "network", [image], options);
    const { status, found, remedy } = checkOf(checks, "proxy");
    expect(status).toBe("failed");
    for (const id of ["api", "sts", "registry", "token-realm"]) {
      expect(checkOf(checks, id)).toMatchObject({
        status: "skipped",
        found: `not tried: the proxy ${proxy.address} of HTTPS_PROXY cannot be reached`,
      });
    }
    expect(found).toContain(`it cannot be reached: connect to ${proxy.address}: connection refused`);
    expect(remedy).toContain("correct HTTPS_PROXY in the kubelet's environment");
  });

  test("of two API endpoints one suffices, and the config line saves the wait for the other", async () => {
    const { env } = await proxied("HTTPS_PROXY");
    const { metadata } = at.cloud.endpoints;
    configure({ endpoints: { metadata }, registries: [entry(REGISTRY)], network: "auto" });
    const checks = (await checksOf(at, "network", [image], { env })).filter(({ id }) => id === "api");
    const texts = checks.map(({ status, subject }) => `${status} ${subject}`);
    expect(texts).toEqual([`ok ${API} (ACR's API)`, "warning cr-vpc.cn-hangzhou.aliyuncs.com (ACR's API)"]);
    expect(checks[1]?.found).toContain(`${API} stands in`);
    expect(checks[1]?.remedy).toBe("set network: public in the config");
  });

  test("a variable that is no proxy", async () => {
    await proxied("HTTPS_PROXY");
    const options = { env: { HTTPS_PROXY: "ftp://127.0.0.1:1" } };
    const checks = await checksOf(at, "network", [image], options);
    const { status, subject } = checkOf(checks, "proxy");
    expect(status).toBe("failed");
    expect(checkOf(checks, "api").found).toBe("not tried: HTTPS_PROXY names no usable proxy");
    expect(subject).toBe("HTTPS_PROXY");
  });

  test("the whole pull goes through it, and a realm that is nobody's own is named", async () => {
    const checks = await checksOf(at, "images", [image], await proxied("HTTPS_PROXY"));
    expect(statusesOf(checks)).toEqual([
      "credentials ok",
      "registry ok",
      "login warning",
      "manifest ok",
      "layer ok",
    ]);
    const { found, remedy } = checkOf(checks, "login");
    expect(found).toContain("that host is neither the registry's nor Alibaba Cloud's");
    expect(remedy).toBe(`check that whoever runs ${REGISTRY} also runs ${new URL(registry.realm).host}`);
  });
});
