import { copyFileSync, mkdirSync, openSync, readdirSync, readFileSync, statSync } from "node:fs";
import { logs } from "../setup/paths.ts";
import { state } from "./inside.ts";

/** A long-running process of the node, with its log. */
export interface Service {
  log(): string;
  /** How much there is of the log, to read on from here later. */
  position(): number;
  logSince(position: number): string;
  running(): boolean;
  /** Asks it to stop and waits for its end. */
  stop(): Promise<void>;
}

/** Starts a service with just this environment, as systemd does: no HOME, no USER. */
export function startService(name: string, command: string[], env: Record<string, string> = {}): Service {
  const file = `${state}/${name}.log`;
  const output = openSync(file, "a");
  const child = Bun.spawn(command, {
    cwd: "/",
    env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", ...env },
    stdio: ["ignore", output, output],
  });
  const logSince = (position: number) => readFileSync(file).subarray(position).toString();
  return {
    log: () => logSince(0),
    position: () => statSync(file).size,
    logSince,
    running: () => child.exitCode === null && child.signalCode === null,
    async stop() {
      child.kill("SIGTERM");
      const hung = setTimeout(() => child.kill("SIGKILL"), 10_000);
      await child.exited;
      clearTimeout(hung);
    },
  };
}

/** Saves the services' logs, which are in memory, for whoever wants to know what went wrong. */
export function keepLogs(): void {
  mkdirSync(logs, { recursive: true });
  for (const name of readdirSync(state).filter((file) => file.endsWith(".log"))) {
    copyFileSync(`${state}/${name}`, `${logs}/${name}`);
  }
}

/** Waits until something is there; throws the log's end when it does not come. */
export async function waitFor<Value>(
  what: string,
  look: () => Promise<Value | undefined | false> | Value | undefined | false,
  { seconds = 60, log = () => "" }: { readonly seconds?: number; readonly log?: () => string } = {},
): Promise<Value> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const value = await look();
    if (value) return value;
    if (Date.now() > deadline) {
      const end = log().split("\n").slice(-40).join("\n");
      throw new Error(`no ${what} after ${seconds} s${end && `; the log ends with:\n${end}`}`);
    }
    await Bun.sleep(100);
  }
}

/** Reads until this has been said. @throws when the output ends before. */
export async function waitForLine(stdout: ReadableStream<Uint8Array>, wanted: string): Promise<void> {
  let said = "";
  for await (const chunk of stdout) {
    said += new TextDecoder().decode(chunk);
    if (said.includes(wanted)) return;
  }
  throw new Error(`no ${wanted}; it said ${said}`);
}
