import { expect } from "bun:test";
import type { Cloud } from "../../cloud/cloud.ts";
import type { RunResult } from "../../support/executable.ts";

export interface Opened {
  /** "" is the Personal Edition. */
  readonly instanceId: string;
  /** Who asked for the token: an ARN as GetCallerIdentity prints it. */
  readonly caller: string;
}

/** What the answer's credentials open, as ACR itself sees it. */
export function opened(cloud: Cloud, result: RunResult): Opened {
  expect({ status: result.status, stderr: result.stderr }).toEqual({ status: 0, stderr: "" });
  const [credentials] = Object.values(JSON.parse(result.stdout).auth) as {
    username: string;
    password: string;
  }[];
  const login = cloud.acceptsRegistryLogin(credentials?.username ?? "", credentials?.password ?? "");
  if (login === undefined) throw new Error(`no working credentials in ${result.stdout}`);
  return { instanceId: login.instanceId ?? "", caller: login.callerArn };
}

/** One line on stderr with all of these words, no secret that the cloud knows of, and nothing on stdout. */
export function expectFailure(cloud: Cloud, result: RunResult, words: readonly string[], status = 1): void {
  expect({ status: result.status, stdout: result.stdout }).toEqual({ status, stdout: "" });
  expect(result.stderr).toMatch(/^[^\n]+\n$/);
  for (const word of words) expect(result.stderr).toContain(word);
  for (const secret of cloud.secrets) expect(result.stderr).not.toContain(secret);
}

/** The names of the requests that the cloud saw, in order. */
export function operations(cloud: Cloud): string[] {
  return cloud.requests.map(({ operation }) => operation);
}
