import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

/** One CONNECT that the proxy was asked for. */
export interface Tunnel {
  /** HOST:PORT */
  readonly target: string;
  /** `user:password` */
  readonly credentials?: string;
}

export interface TestProxy {
  /** `127.0.0.1:PORT` */
  readonly address: string;
  readonly tunnels: Tunnel[];
  /** Requests that were sent to it without a tunnel, in the clear. */
  readonly plain: string[];
  /** What it does with the next ones; at first it opens tunnels. */
  behaviour: "open" | "hang" | number;
  close(): Promise<void>;
}

/**
 * A CONNECT proxy on loopback that leads each host to an address of ours (`http(s)://HOST:PORT`), whatever the
 * port asked for; other hosts get 502. `credentials` (`user:password`): wanted of everybody, else 407.
 */
export async function startProxy(
  routes: Readonly<Record<string, string>>,
  credentials?: string,
): Promise<TestProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    proxy.plain.push(`${request.method} ${request.url}`);
    response.writeHead(400).end();
  });
  server.on("connection", (socket) => sockets.add(socket));
  server.on("connect", (request, socket) => {
    socket.on("error", () => socket.destroy());
    const tunnel = tunnelOf(request.url ?? "", request.headers["proxy-authorization"]);
    proxy.tunnels.push(tunnel);
    if (proxy.behaviour === "hang") return;
    const route = routes[tunnel.target.replace(/:\d+$/, "")];
    const status = statusOf(proxy.behaviour, tunnel, credentials, route);
    if (status !== 200) return socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
    const { hostname, port } = new URL(route ?? "");
    const upstream = connect(Number(port), hostname, () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      socket.pipe(upstream).pipe(socket);
    });
    upstream.on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const proxy: TestProxy = {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    tunnels: [],
    plain: [],
    behaviour: "open",
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
  return proxy;
}

function tunnelOf(target: string, authorization: string | undefined): Tunnel {
  if (authorization === undefined) return { target };
  const credentials = Buffer.from(authorization.replace(/^Basic /, ""), "base64").toString();
  return { target, credentials };
}

function statusOf(
  behaviour: TestProxy["behaviour"],
  tunnel: Tunnel,
  credentials: string | undefined,
  route: string | undefined,
): number {
  if (typeof behaviour === "number") return behaviour;
  if (credentials !== undefined && tunnel.credentials !== credentials) return 407;
  return route === undefined ? 502 : 200;
}
