import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";

/** A proxy on loopback which leads every host to the simulated cloud, and remembers which hosts were asked for. */
export interface Tunnels {
  /** Value for HTTPS_PROXY. */
  readonly url: string;
  /** Hosts in the order in which they were asked for. */
  readonly hosts: string[];
  /** Hosts that cannot be reached. */
  readonly closed: Set<string>;
  stop(): void;
}

export async function openTunnels(target: string): Promise<Tunnels> {
  const hosts: string[] = [];
  const closed = new Set<string>();
  const proxy = createServer((_request, response) => response.writeHead(400).end());
  proxy.on("connect", (request, socket) => {
    const host = (request.url ?? "").replace(/:443$/, "");
    hosts.push(host);
    if (closed.has(host)) return socket.end("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n");
    const upstream = connect(Number(new URL(target).port), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      socket.pipe(upstream).pipe(socket);
    });
    upstream.on("error", () => socket.destroy());
    socket.on("error", () => upstream.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const { port } = proxy.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, hosts, closed, stop: () => proxy.close() };
}
