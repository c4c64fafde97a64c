import { readFileSync } from "node:fs";
import { Failure } from "../failure/failure.ts";
import type { Run } from "../run/run.ts";

/**
 * The certificate authorities for a TLS connection, PEM, when `tls.caFile` adds some; undefined: the built-in ones.
 * The runtime replaces its roots by what it is given, so they are named again, and with them those of
 * NODE_EXTRA_CA_CERTS.
 * @throws Failure `CaFileInvalid`
 */
export async function trustedAuthorities(run: Pick<Run, "config" | "env">): Promise<string[] | undefined> {
  const { caFile } = run.config.tls;
  if (caFile === undefined) return undefined;
  const own = readAuthorities(caFile);
  const { rootCertificates } = await import("node:tls");
  return [...rootCertificates, ...extraAuthorities(run.env.NODE_EXTRA_CA_CERTS), own];
}

function readAuthorities(file: string): string {
  let pem: string;
  try {
    pem = readFileSync(file, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw invalid(file, `it cannot be read (${code ?? "error"})`, cause);
  }
  if (!pem.includes("-----BEGIN CERTIFICATE-----")) throw invalid(file, "it holds no PEM certificate");
  return pem;
}

function extraAuthorities(file: string | undefined): string[] {
  try {
    return file ? [readFileSync(file, "utf8")] : [];
  } catch {
    // The runtime, too, goes on without a file that it cannot read.
    return [];
  }
}

function invalid(file: string, why: string, cause?: unknown): Failure {
  return new Failure(`read tls.caFile ${file}: ${why}`, {
    code: "CaFileInvalid",
    remedy: "name a readable file of PEM certificates in tls.caFile",
    exitStatus: 2,
    cause,
  });
}
