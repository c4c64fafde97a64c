import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import type { Cloud } from "../../cloud/cloud.ts";
import { clientOf, executable } from "../setup/paths.ts";
import { run, state } from "./inside.ts";
import { pluginConfig } from "./pluginConfig.ts";

/** A user's machine with clients of registries, all of which find the credential helper in PATH. */
export interface Clients {
  /** Where the user works. */
  readonly folder: string;
  /** Runs a client to its end; `env` goes over the user's. */
  run(command: string[], env?: Record<string, string>): Promise<Result>;
}

export interface Result {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

const TIMEOUT_MS = 60_000;

/** Links the executable as packages do, and writes the one config of docker's (`~/.docker/config.json`). */
export function installClients(cloud: Cloud, dockerConfig: string): Clients {
  const [bin, home, folder] = ["bin", "home", "work"].map((name) => `${state}/${name}`) as [
    string,
    string,
    string,
  ];
  for (const path of [bin, `${home}/.docker`, folder]) mkdirSync(path, { recursive: true });
  symlinkSync(executable, `${bin}/docker-credential-aliyun-acr`);
  for (const name of ["crane", "helm", "oras"]) symlinkSync(clientOf(name), `${bin}/${name}`);
  writeFileSync(`${home}/.docker/config.json`, dockerConfig);
  writeFileSync(`${state}/config.yaml`, pluginConfig(cloud), { mode: 0o600 });
  const user = {
    PATH: `${bin}:/usr/bin:/bin`,
    HOME: home,
    SSL_CERT_FILE: cloud.caFile,
    ALIYUN_ACR_CREDENTIAL_PROVIDER_CONFIG: `${state}/config.yaml`,
  };
  return {
    folder,
    async run(command, env = {}) {
      // The token server is in this process: it must go on answering meanwhile.
      const child = Bun.spawn(command, {
        cwd: folder,
        env: { ...user, ...env },
        stdio: ["ignore", "pipe", "pipe"],
        timeout: TIMEOUT_MS,
      });
      const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
      return { status: await child.exited, stdout, stderr };
    },
  };
}

/** A file of the user, and a tar of it that may be an image's layer. */
export function makeLayer(folder: string, name: string, content: string): string {
  writeFileSync(`${folder}/${name}`, content);
  run("tar", "-cf", `${folder}/${name}.tar`, "-C", folder, name);
  return `${name}.tar`;
}
