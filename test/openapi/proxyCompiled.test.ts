import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCloud } from "../cloud/cloud.ts";

/** A compiled executable has Bun's own reading of the proxy variables: here ours must be the one that counts. */
const directory = mkdtempSync(join(tmpdir(), "proxy-compiled-"));
const program = join(directory, "exchangeOnce");
const host = "cr.cn-hangzhou.aliyuncs.com";
const cloud = await startCloud({ hosts: [host, "acr.invalid"] });

let proxy: Server;
let proxyUrl = "";
/** What the proxy was asked: target and authorization. */
const tunnels: { target: string; authorization?: string }[] = [];
let proxyStatus = 200;

beforeAll(async () => {
  const built = Bun.spawnSync([
    process.execPath,
    "build",
    "--compile",
    "--no-compile-autoload-bunfig",
    "--no-compile-autoload-dotenv",
    join(import.meta.dir, "compiled/exchangeOnce.ts"),
    "--outfile",
    program,
  ]);
  if (built.exitCode !== 0) throw new Error(built.stderr.toString());
  proxy = createServer((_request, response) => response.writeHead(400).end("no plain proxying here"));
  proxy.on("connect", (request, socket) => {
    const authorization = request.headers["proxy-authorization"];
    tunnels.push({ target: request.url ?? "", ...(authorization === undefined ? {} : { authorization }) });
    if (proxyStatus !== 200) return socket.end(`HTTP/1.1 ${proxyStatus} No\r\ncontent-length: 0\r\n\r\n`);
    const upstream = connect(Number(new URL(cloud.endpoints.acr).port), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      socket.pipe(upstream).pipe(socket);
    });
    upstream.on("error", () => socket.destroy());
    socket.on("error", () => upstream.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  proxyUrl = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}, 60_000);

afterAll(async () => {
  proxy.close();
  await cloud.stop();
  rmSync(directory, { recursive: true, force: true });
});

beforeEach(() => {
  tunnels.length = 0;
  proxyStatus = 200;
});

async function run(
  env: Record<string, string>,
  url: string,
  caFile = cloud.caFile,
): Promise<Record<string, unknown>> {
  const child = Bun.spawn([program, url, caFile], { env, cwd: "/", stdout: "pipe", stderr: "inherit" });
  return JSON.parse(await new Response(child.stdout).text());
}

test("HTTPS_PROXY with user name and password opens the tunnel, and TLS is verified through it", async () => {
  const result = await run({ HTTPS_PROXY: `http://user:p%40ss%3Aword@${proxyUrl}` }, `https://${host}/`);
  expect(result.status).toBeGreaterThanOrEqual(400);
  expect(tunnels).toEqual([
    { target: `${host}:443`, authorization: `Basic ${Buffer.from("user:p@ss:word").toString("base64")}` },
  ]);
});

test("without the authority the tunnel's other end is not trusted", async () => {
  const result = await run({ https_proxy: proxyUrl }, `https://${host}/`, "");
  expect(result.code).toBe("TlsUnknownAuthority");
  expect(result.message).toContain(`through the proxy ${proxyUrl}`);
});

for (const noProxy of [
  "*",
  "invalid",
  ".invalid",
  "*.invalid",
  "acr.invalid:443",
  "10.0.0.0/8,acr.invalid",
]) {
  test(`NO_PROXY=${noProxy} connects directly although HTTPS_PROXY and ALL_PROXY are set`, async () => {
    const variables = { HTTPS_PROXY: proxyUrl, ALL_PROXY: proxyUrl, all_proxy: proxyUrl, NO_PROXY: noProxy };
    const result = await run(variables, "https://acr.invalid/");
    expect(result.code).toBe("HostNotFound");
    expect(tunnels).toEqual([]);
  });
}

test("loopback is never proxied", async () => {
  const result = await run(
    { HTTPS_PROXY: "127.0.0.1:1", HTTP_PROXY: "127.0.0.1:1" },
    `${cloud.endpoints.acr}/`,
  );
  expect(result.status).toBeGreaterThanOrEqual(400);
});

test("a leading dot in NO_PROXY does not exempt the domain itself, as in Go", async () => {
  await run({ HTTPS_PROXY: proxyUrl, NO_PROXY: ".acr.invalid" }, "https://acr.invalid/");
  expect(tunnels.map(({ target }) => target)).toEqual(["acr.invalid:443"]);
});

for (const [status, code] of [
  [407, "ProxyRefused"],
  [403, "ProxyRefused"],
  [503, "ProxyFailed"],
] as const) {
  test(`a proxy that answers ${status}: ${code}, and its password is nowhere`, async () => {
    proxyStatus = status;
    const result = await run({ HTTPS_PROXY: `http://user:canaryPass@${proxyUrl}` }, `https://${host}/`);
    expect(result.code).toBe(code);
    expect(JSON.stringify(result)).not.toContain("canaryPass");
  });
}

test("a proxy that is not there is named", async () => {
  const result = await run({ HTTPS_PROXY: "http://127.0.0.1:1" }, `https://${host}/`);
  expect(result).toEqual({
    code: "ConnectionRefused",
    message: `connect to ${host} through the proxy 127.0.0.1:1 (HTTPS_PROXY): connection refused`,
  });
});

test("NODE_EXTRA_CA_CERTS works alone and beside tls.caFile", async () => {
  const other = join(directory, "other.pem");
  const stranger = await startCloud();
  writeFileSync(other, readFileSync(stranger.caFile));
  await stranger.stop();
  const extra = { NODE_EXTRA_CA_CERTS: cloud.caFile };
  expect((await run(extra, `${cloud.endpoints.acr}/`, "")).status).toBeGreaterThanOrEqual(400);
  expect((await run(extra, `${cloud.endpoints.acr}/`, other)).status).toBeGreaterThanOrEqual(400);
  expect((await run({}, `${cloud.endpoints.acr}/`, other)).code).toBe("TlsUnknownAuthority");
});

for (const [name, content] of [
  ["is empty", ""],
  ["holds something else", "hello"],
] as const) {
  test(`a caFile that ${name} is an error that names it`, async () => {
    const file = join(directory, "bad.pem");
    writeFileSync(file, content);
    const result = await run({}, `${cloud.endpoints.acr}/`, file);
    expect(result.code).toBe("CaFileInvalid");
    expect(result.message).toContain(file);
  });
}

test("a caFile that does not exist is an error that names it", async () => {
  const result = await run({}, `${cloud.endpoints.acr}/`, "/nonexistent/ca.pem");
  expect(result).toMatchObject({
    code: "CaFileInvalid",
    message: expect.stringContaining("/nonexistent/ca.pem"),
  });
});
