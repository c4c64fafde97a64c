import { readFileSync } from "node:fs";
import { Failure } from "../failure/failure.ts";

/**
 * The certificate authorities of `tls.caFile`, PEM.
 * @throws Failure `CaFileInvalid`, exit status 2.
 */
export function readAuthorities(file: string): string {
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

function invalid(file: string, why: string, cause?: unknown): Failure {
  return new Failure(`read tls.caFile ${file}: ${why}`, {
    code: "CaFileInvalid",
    remedy: "name a readable file of PEM certificates in tls.caFile",
    exitStatus: 2,
    cause,
  });
}
