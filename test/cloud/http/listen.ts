import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";

export interface Listening {
  /** `https://127.0.0.1:PORT` */
  url: string;
  close(): Promise<void>;
}

/**
 * Listens on `HOST:PORT` (port 0: any free one), with TLS if a certificate is given. Only loopback
 * addresses are served.
 */
export async function listen(
  address: string,
  handler: RequestListener,
  tls?: { key: string; cert: string },
): Promise<Listening> {
  const { hostname, port } = new URL(`tcp://${address}`);
  if (!/^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(hostname))
    throw new Error(`${address} is not on loopback`);
  const server = tls ? createHttpsServer(tls, handler) : createHttpServer(handler);
  server.keepAliveTimeout = 30_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port: Number(port || 0), host: hostname.replace(/[[\]]/g, ""), backlog: 1024 }, resolve);
  });
  const scheme = tls ? "https" : "http";
  return {
    url: `${scheme}://${hostname}:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
