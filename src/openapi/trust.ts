import { readFileSync, statSync } from "node:fs";
import { Failure } from "../failure/failure.ts";

/** All public authorities together are a quarter of this. */
const MAX_BYTES = 1024 * 1024;

/**
 * The certificate authorities of `tls.caFile`, PEM.
 * @throws Failure `CaFileInvalid`, exit status 2.
 */
export function readAuthorities(file: string): string {
  let pem: string;
  try {
    const stats = statSync(file);
    if (!stats.isFile()) throw invalid(file, "it is no regular file");
    if (stats.size > MAX_BYTES) throw invalid(file, "it is larger than 1 MiB");
    pem = readFileSync(file, "utf8");
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    throw invalid(file, `it cannot be read (${code ?? "error"})`, cause);
  }
  if (!pem.includes("-----BEGIN CERTIFICATE-----")) throw invalid(file, "it holds no PEM certificate");
  return pem;
}

function invalid(file: string, why: string, cause?: unknown): Failure {
  return new Failure(`read tls.caFile ${file}: ${why}`, {
    code: "CaFileInvalid",
    remedy: "name a readable file of PEM certificates in tls.caFile",
    exitStatus: 2,
    cause,
  });
}
