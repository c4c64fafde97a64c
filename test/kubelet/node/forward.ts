import { once } from "node:events";
import { connect, createServer } from "node:net";

/** Passes the TCP connections of one address on to another: `HOST:PORT`, URL. */
export async function forward(from: string, to: string): Promise<void> {
  const [host, port] = from.split(":");
  const target = new URL(to);
  const server = createServer((client) => {
    const onward = connect(Number(target.port), target.hostname);
    for (const [one, other] of [
      [client, onward],
      [onward, client],
    ] as const) {
      one.pipe(other);
      one.on("error", () => other.destroy());
    }
  });
  server.listen(Number(port), host);
  await once(server, "listening");
}
