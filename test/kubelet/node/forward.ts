import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** An address whose TCP connections are passed on to another. */
export interface Forwarding {
  /** Ends the connections that there are, and has new ones refused. */
  cut(): void;
  restore(): Promise<void>;
}

/** Passes the TCP connections of one address on to another: `HOST:PORT`, URL. */
export async function forward(from: string, to: string): Promise<Forwarding> {
  const [host, port] = from.split(":");
  const target = new URL(to);
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const onward = connect(Number(target.port), target.hostname);
    for (const [one, other] of [
      [client, onward],
      [onward, client],
    ] as const) {
      open.add(one);
      one.pipe(other);
      one.on("error", () => other.destroy());
      one.on("close", () => open.delete(one));
    }
  });
  async function restore(): Promise<void> {
    server.listen(Number(port), host);
    await once(server, "listening");
  }
  await restore();
  return {
    cut() {
      server.close();
      for (const socket of open) socket.destroy();
    },
    restore,
  };
}
