import { readdirSync } from "node:fs";
import type { Cloud } from "../cloud/cloud.ts";
import { instanceCorp, keyA } from "../cloud/defaultWorld.ts";
import type { Operation } from "../cloud/gateway/operations.ts";
import type { RunResult } from "../support/executable.ts";

export const CORP = "corp-registry.cn-hangzhou.cr.aliyuncs.com";
export const IMAGE = `${CORP}/apps/web`;
export const corpEntry = { instanceId: instanceCorp, instanceName: "corp", regionId: "cn-hangzhou" };
export const accessKey = { source: "accessKey", accessKeyId: keyA.id, accessKeySecret: keyA.secret };

/** The password of an answer that ACR takes; anything else fails the test. */
export function acceptedPassword(cloud: Cloud, { status, stdout, stderr }: RunResult): string {
  if (status !== 0) throw new Error(`exit status ${status}: ${stderr}`);
  const auth = JSON.parse(stdout).auth as Record<string, { username: string; password: string }>;
  const [credentials] = Object.values(auth);
  if (credentials === undefined) throw new Error(`no credentials: ${stdout}`);
  const { username, password } = credentials;
  if (cloud.acceptsRegistryLogin(username, password) === undefined)
    throw new Error("ACR does not take these credentials");
  return password;
}

/** How often each operation was asked for. */
export function callCounts(cloud: Cloud): Partial<Record<Operation, number>> {
  const counts: Partial<Record<Operation, number>> = {};
  for (const { operation } of cloud.requests) counts[operation] = (counts[operation] ?? 0) + 1;
  return counts;
}

/** Files in the cache directory that are no entries: locks, claims, half-written entries. */
export function leftovers(cacheDirectory: string): string[] {
  return readdirSync(cacheDirectory).filter((name) => !name.endsWith(".json"));
}
