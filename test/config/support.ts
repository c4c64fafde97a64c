import type { ProviderConfig } from "../../src/config/config.ts";
import {
  type LoadOptions,
  loadConfig,
  type Validation,
  validateConfig,
} from "../../src/config/loadConfig.ts";
import { Failure } from "../../src/failure/failure.ts";

export const head = "apiVersion: aliyun-acr-credential-provider/v1\nkind: ProviderConfig\n";

/** Load options for a file that holds `text`. */
export function fileOf(text: string, mode = 0o600): LoadOptions {
  return { flag: "/test/config.yaml", env: {}, files: { read: () => ({ text, mode, uid: 0 }) } };
}

/** The effective config of a native config without its first two lines. */
export function configOf(body: string): Promise<ProviderConfig> {
  return loadConfig(fileOf(head + body));
}

export function validated(text: string, mode?: number): Promise<Validation> {
  return validateConfig(fileOf(text, mode));
}

/** Each problem as one text: `line path: message`. */
export function said(problems: Validation["errors"]): string[] {
  return problems.map(({ line, path, message }) => `${line ?? "-"} ${path}: ${message}`);
}

/** The Failure that the promise ends with. */
export async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof Failure) return error;
  throw error ?? new Error("no failure");
}
