import type { Endpoints } from "../../test/cloud/cloud.ts";
import type { Fault } from "../../test/cloud/faults/faultBook.ts";
import type { Operation } from "../../test/cloud/gateway/operations.ts";
import type { Certificate } from "../../test/cloud/http/certificates.ts";
import { root } from "../project.ts";

/** The simulated cloud as a process of its own, as the API is to a node: it answers while this process starts others. */
export interface CloudProcess {
  readonly endpoints: Endpoints;
  readonly caFile: string;
  /** How many requests of the operation came since the start or the last `reset`. */
  calls(operation: Operation): Promise<number>;
  setFault(fault: Fault): Promise<void>;
  /** Forgets requests and faults. */
  reset(): Promise<void>;
  /** Key and certificate (PEM) of the cloud's authority for a server beside it. */
  certificate(hosts: readonly string[]): Promise<Certificate>;
  stop(): Promise<void>;
}

/** @param listen listeners that are not open by default, `NAME=HOST:PORT`. */
export async function startCloudProcess(...listen: readonly string[]): Promise<CloudProcess> {
  const options = listen.flatMap((each) => ["--listen", each]);
  const child = Bun.spawn([process.execPath, `${root}test/cloud/main.ts`, ...options], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const { control, caFile, endpoints } = JSON.parse(await firstLine(child.stdout));
  const ask = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(control + path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
    return response.json();
  };
  return {
    endpoints,
    caFile,
    calls: async (operation) => ((await ask("GET", `/requests?operation=${operation}`)) as unknown[]).length,
    setFault: async (fault) => void (await ask("POST", "/faults", fault)),
    reset: async () => void (await ask("POST", "/reset")),
    certificate: async (hosts) => (await ask("POST", "/certificate", { hosts })) as Certificate,
    stop: async () => {
      child.stdin.end();
      await child.exited;
    },
  };
}

/** The first line that a process says. */
export async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes("\n")) break;
  }
  return text.slice(0, text.indexOf("\n"));
}
