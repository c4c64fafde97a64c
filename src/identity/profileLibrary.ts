import { Failure } from "../failure/failure.ts";
import { timeoutFailure } from "../run/deadline.ts";
import type { Run } from "../run/run.ts";
import type { RamCredentials } from "./identity.ts";

/** A profile whose mode the library implements. */
export interface LibraryProfile {
  readonly file: string;
  readonly name: string;
  readonly mode: string;
  readonly profiles: readonly unknown[];
}

/** The part of the library's class that reads a parsed config; TypeScript's `private` hides it. */
interface CliProfileReader {
  homedir: string;
  getCredentialsProvider(config: { profiles: readonly unknown[] }, name: string): CredentialsSource;
}

interface CredentialsSource {
  getCredentials(): Promise<{ accessKeyId?: string; accessKeySecret?: string; securityToken?: string }>;
}

const FILE_IN_HOME = "/.aliyun/config.json";

/**
 * Credentials of a profile by the classes of @alicloud/credentials, loaded only here (8 ms). Their errors quote
 * files and requests with the secrets in them: of an error only its code is kept.
 * @throws Failure `ProfileFailed`, or `Timeout` when the run's time is over.
 */
export async function cliProfileCredentials(run: Run, profile: LibraryProfile): Promise<RamCredentials> {
  const { file, name, mode, profiles } = profile;
  const what = `profile ${name} (${mode}) of ${file}`;
  // The library still uses url.parse(), and the runtime would say so on stderr, which holds one line of ours.
  process.noDeprecation = true;
  const { CLIProfileCredentialsProvider } = await import("@alicloud/credentials");
  const Reader = CLIProfileCredentialsProvider as unknown as new (options: object) => CliProfileReader;
  const reader = new Reader({ profileName: name });
  // OAuth and External write renewed tokens back, always to this place below the "home directory".
  reader.homedir = file.endsWith(FILE_IN_HOME) ? file.slice(0, -FILE_IN_HOME.length) : "/nonexistent";
  try {
    const asked = reader.getCredentialsProvider({ profiles }, name).getCredentials();
    const { accessKeyId, accessKeySecret, securityToken } = await withinTime(run, asked, what);
    run.secrets.add(accessKeySecret, securityToken);
    if (!accessKeyId || !accessKeySecret) throw failed(what, "it brought no AccessKey pair");
    return { accessKeyId, accessKeySecret, ...(securityToken ? { securityToken } : {}) };
  } catch (error) {
    if (error instanceof Failure) throw error;
    const { code } = error as { code?: unknown };
    throw failed(what, typeof code === "string" && /^[A-Z_]{2,40}$/.test(code) ? code : "it was refused");
  }
}

async function withinTime<Value>(run: Run, asked: Promise<Value>, what: string): Promise<Value> {
  const leftMs = run.deadline.atMost(Number.POSITIVE_INFINITY, what);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(timeoutFailure(what, leftMs)), leftMs);
  });
  try {
    return await Promise.race([asked, over]);
  } finally {
    clearTimeout(timer);
  }
}

function failed(what: string, why: string): Failure {
  return new Failure(`obtain credentials of ${what}: ${why}`, {
    code: "ProfileFailed",
    remedy:
      "sign in again with the aliyun command line (aliyun configure), or use an identity made for nodes",
  });
}
