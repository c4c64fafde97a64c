import { Failure } from "../../failure/failure.ts";
import { timeoutFailure } from "../../run/deadline.ts";
import type { Run } from "../../run/run.ts";
import type { RamCredentials } from "../identity.ts";

/** A profile of the command line's file whose mode the library implements. */
export interface CliProfile {
  readonly file: string;
  readonly name: string;
  readonly mode: string;
  readonly profiles: readonly unknown[];
}

/** A section of an INI file whose type the library implements. */
export interface IniProfile {
  readonly file: string;
  readonly name: string;
  readonly section: Readonly<Record<string, string>>;
}

/** The parts of the library's classes that read what was parsed; TypeScript's `private` hides them. */
interface CliReader {
  homedir: string;
  getCredentialsProvider(config: { profiles: readonly unknown[] }, name: string): CredentialsSource;
}
interface IniReader {
  getCredentialsProvider(ini: Readonly<Record<string, IniProfile["section"]>>): CredentialsSource;
}

interface CredentialsSource {
  getCredentials(): Promise<{ accessKeyId?: string; accessKeySecret?: string; securityToken?: string }>;
}

type Constructor<Reader> = new (options: { profileName: string }) => Reader;

const FILE_IN_HOME = "/.aliyun/config.json";

/**
 * Credentials of a profile of the command line's file, by the library's CLIProfileCredentialsProvider.
 * @throws Failure `ProfileFailed`, or `Timeout` when the run's time is over.
 */
export async function cliProfileCredentials(run: Run, profile: CliProfile): Promise<RamCredentials> {
  const { file, name, mode, profiles } = profile;
  const { CLIProfileCredentialsProvider } = await library();
  const Reader = CLIProfileCredentialsProvider as unknown as Constructor<CliReader>;
  const reader = new Reader({ profileName: name });
  // OAuth and External write renewed tokens back, always to this place below the "home directory".
  reader.homedir = file.endsWith(FILE_IN_HOME) ? file.slice(0, -FILE_IN_HOME.length) : "/nonexistent";
  return obtained(run, `profile ${name} (${mode}) of ${file}`, () =>
    reader.getCredentialsProvider({ profiles }, name),
  );
}

/**
 * Credentials of a section of an INI file, by the library's ProfileCredentialsProvider.
 * @throws Failure as above.
 */
export async function iniProfileCredentials(run: Run, profile: IniProfile): Promise<RamCredentials> {
  const { file, name, section } = profile;
  const { ProfileCredentialsProvider } = await library();
  const Reader = ProfileCredentialsProvider as unknown as Constructor<IniReader>;
  const reader = new Reader({ profileName: name });
  return obtained(run, `profile ${name} of ${file}`, () =>
    reader.getCredentialsProvider({ [name]: section }),
  );
}

/** The library, loaded here only (8 ms). */
async function library() {
  // It still uses url.parse(), and the runtime would say so on stderr, which holds one line of ours.
  process.noDeprecation = true;
  return import("@alicloud/credentials");
}

/** The library's errors quote files and requests with the secrets in them: of an error only its code is kept. */
async function obtained(run: Run, what: string, source: () => CredentialsSource): Promise<RamCredentials> {
  try {
    const asked = source().getCredentials();
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
