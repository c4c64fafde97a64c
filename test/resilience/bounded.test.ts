import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { executable, runExecutable, runtime } from "../support/executable.ts";
import { kubeletRequest } from "../support/request.ts";
import { useSimulatedNode } from "../support/simulatedNode.ts";
import { acceptedPassword, accessKey, corpEntry, IMAGE } from "./nodes.ts";

const MIB = 1024 * 1024;
/** A pull takes 50 MiB, with Node.js 80. A server that is not stopped sends this much many times over. */
const MOST_MEMORY_MIB = runtime === "node" ? 160 : 128;
const timeouts = { total: "4s", request: "1s" };

const at = useSimulatedNode({ registries: [corpEntry], identity: accessKey, timeouts });

describe("an answer without end is not read without end", () => {
  const block = "b".repeat(64 * 1024);
  const bombs: [string, head: string, part: string][] = [
    ["headers", "HTTP/1.1 200 OK\r\n", `x-padding: ${"b".repeat(1000)}\r\n`.repeat(60)],
    ["one header", "HTTP/1.1 200 OK\r\nx-padding: ", block],
    ["a status line", "HTTP/1.1 200 ", block],
    ["interim answers", "", "HTTP/1.1 100 Continue\r\n\r\n".repeat(2000)],
    ["a body that says it is small", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n", block],
    ["a body of unknown length", "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n", block],
    ["a chunked body", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", `10000\r\n${block}\r\n`],
    [
      "chunks of one byte",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
      "1\r\nb\r\n".repeat(10_000),
    ],
    ["a chunk's extension", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;", block],
    ["no HTTP at all", "", block],
  ];
  for (const service of ["acr", "metadata"] as const) {
    test.each(bombs)(`of ${service}: %s`, async (_name, head, part) => {
      const server = await bombServer(head, part);
      at.node.configure({
        registries: [corpEntry],
        identity: service === "acr" ? accessKey : { source: "ecsRamRole" },
        endpoints: {
          acr: at.cloud.endpoints.acr,
          metadata: at.cloud.endpoints.metadata,
          [service]: server.url,
        },
        timeouts,
      });
      const { status, stderr, peakMiB } = await pullMeasured();
      server.close();
      expect(status).toBe(1);
      expect(stderr.trimEnd()).not.toContain("\n");
      expect(stderr.length).toBeLessThan(3000);
      expect(peakMiB).toBeLessThan(MOST_MEMORY_MIB);
    });
  }
});

describe("a file is not read without end", () => {
  test("a config of 2 MiB is refused", async () => {
    writeFileSync(at.node.configFile, `# ${"x".repeat(2 * MIB)}\n`);
    const { status, stderr } = await at.node.pull(IMAGE);
    expect(status).toBe(2);
    expect(stderr).toContain("larger than 1 MiB");
  });

  test.each([
    ["a pipe", "mkfifo"],
    ["without end", "ln -s /dev/zero"],
  ])("a config that is %s is refused", async (_name, command) => {
    const file = `${at.node.directory}/odd.yaml`;
    Bun.spawnSync([...command.split(" "), file]);
    const { status, stderr } = await runExecutable({
      args: ["--config", file],
      stdin: kubeletRequest(IMAGE),
    });
    expect(status).toBe(2);
    expect(stderr).toContain(file);
  });

  test("a cache file of 1 GiB costs a call and no memory", async () => {
    acceptedPassword(at.cloud, await at.node.pull(IMAGE));
    const [token] = readdirSync(at.node.cacheDirectory).filter((name) => name.startsWith("token-"));
    truncateSync(`${at.node.cacheDirectory}/${token}`, 1024 * MIB);
    const result = await at.node.pull(IMAGE);
    acceptedPassword(at.cloud, result);
    expect(JSON.stringify(at.node.log().at(-1)?.warnings)).toContain("larger than");
    expect(at.cloud.calls("GetAuthorizationToken")).toHaveLength(2);
  });

  test.each([
    ["a pipe", "mkfifo -m 600"],
    ["without end", "ln -s /dev/zero"],
  ])("a caFile that is %s is refused", async (_name, command) => {
    const caFile = `${at.node.directory}/ca.pem`;
    Bun.spawnSync([...command.split(" "), caFile]);
    at.node.configure({ registries: [corpEntry], identity: accessKey, timeouts, tls: { caFile } });
    const { status, stderr } = await at.node.pull(IMAGE);
    expect(status).toBe(2);
    expect(stderr).toContain(caFile);
  });
});

describe("nothing goes in the clear to another machine", () => {
  test.each([["acr"], ["sts"], ["metadata"]])("endpoints.%s", async (service) => {
    at.node.configure({
      registries: [corpEntry],
      identity: accessKey,
      endpoints: { [service]: "http://10.0.0.1" },
    });
    const { status, stderr } = await at.node.pull(IMAGE);
    expect(status).toBe(2);
    expect(stderr).toContain(`endpoints.${service}`);
  });

  test("a credentials URI", async () => {
    const identity = { source: "credentialsUri", uri: "http://10.0.0.1/credentials" };
    at.node.configure({ registries: [corpEntry], identity, timeouts });
    const { status, stderr } = await at.node.pull(IMAGE);
    expect(status).toBe(2);
    expect(stderr).toContain("in the clear");
  });
});

/** A pull, and the most memory that the process was seen to have. */
async function pullMeasured(): Promise<{ status: number; stderr: string; peakMiB: number }> {
  const child = Bun.spawn([executable, "--config", at.node.configFile], {
    stdin: Buffer.from(kubeletRequest(IMAGE)),
    stdout: "ignore",
    stderr: "pipe",
    env: {},
  });
  let peakMiB = 0;
  const sampling = setInterval(() => {
    try {
      const [, kib] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8")) ?? [];
      peakMiB = Math.max(peakMiB, Number(kib ?? 0) / 1024);
    } catch {
      // It has just ended.
    }
  }, 10);
  const stderr = await new Response(child.stderr).text();
  const status = await child.exited;
  clearInterval(sampling);
  return { status, stderr, peakMiB };
}

/** A server that answers whatever it is sent with `head` and then `part` again and again. */
async function bombServer(head: string, part: string) {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("data", () => {
      socket.write(head);
      const more = () => {
        while (!socket.destroyed && socket.write(part)) {}
      };
      socket.on("drain", more);
      more();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
