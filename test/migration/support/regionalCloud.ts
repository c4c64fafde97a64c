import { connect, createServer, type Server } from "node:net";
import type { Cloud } from "../../cloud/cloud.ts";

export interface RegionalCloud {
  /** For HTTPS_PROXY. */
  readonly url: string;
  stop(): Promise<void>;
}

/** A proxy behind which the real API hosts of every region are the simulated cloud's. Nothing leaves the machine. */
export async function startRegionalCloud(cloud: Cloud): Promise<RegionalCloud> {
  const server = createServer((client) => {
    client.once("data", (head) => {
      const [, product] =
        /^CONNECT (cr|sts)(?:-vpc)?\.[a-z0-9.-]*aliyuncs\.com:443 /.exec(head.toString()) ?? [];
      if (product === undefined) {
        client.end("HTTP/1.1 403 Forbidden\r\n\r\n");
        return;
      }
      const { port, hostname } = new URL(product === "cr" ? cloud.endpoints.acr : cloud.endpoints.sts);
      const upstream = connect(Number(port), hostname, () => {
        client.write("HTTP/1.1 200 Connection established\r\n\r\n");
        client.pipe(upstream).pipe(client);
      });
      upstream.on("error", () => client.destroy());
      client.on("error", () => upstream.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${port}`, stop: () => stopped(server) };
}

function stopped(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
