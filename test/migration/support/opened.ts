import { expect } from "bun:test";
import type { Cloud } from "../../cloud/cloud.ts";
import type { RunResult } from "../../support/executable.ts";

/** What the answer's credentials open, as ACR itself sees it: an instance, or the Personal Edition of an account. */
export function opened(
  cloud: Cloud,
  { status, stdout, stderr }: RunResult,
  host: string,
): string | undefined {
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const credentials = JSON.parse(stdout).auth[host];
  if (credentials === undefined) return undefined;
  const login = cloud.acceptsRegistryLogin(credentials.username, credentials.password);
  if (login === undefined) throw new Error("the registry refuses these credentials");
  return login.edition === "personal"
    ? ["personal", login.accountId, login.regionId].filter(Boolean).join(" ")
    : login.instanceId;
}
