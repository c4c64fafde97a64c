import { Failure } from "../failure/failure.ts";
import { readRegularFile, UnfitFile } from "../files/regularFile.ts";

/** Of a file of authorities: all public ones together are a quarter of this. */
export const MAX_BYTES = 1024 * 1024;

/**
 * The certificate authorities of `tls.caFile`, PEM.
 * @throws Failure `CaFileInvalid`, exit status 2.
 */
export function readAuthorities(file: string): string {
  const pem = read(file);
  if (!pem.includes("-----BEGIN CERTIFICATE-----")) throw invalid(file, "it holds no PEM certificate");
  return pem;
}

function read(file: string): string {
  try {
    return readRegularFile(file, { maxBytes: MAX_BYTES }).bytes.toString("utf8");
  } catch (cause) {
    if (cause instanceof UnfitFile) throw invalid(file, cause.message);
    const { code = "error" } = cause as NodeJS.ErrnoException;
    throw invalid(file, code === "ENOENT" ? "it does not exist" : `it cannot be read (${code})`, cause);
  }
}

function invalid(file: string, why: string, cause?: unknown): Failure {
  return new Failure(`read tls.caFile ${file}: ${why}`, {
    code: "CaFileInvalid",
    remedy: "name a file of PEM certificates (-----BEGIN CERTIFICATE-----) in tls.caFile, readable by root",
    exitStatus: 2,
    cause,
  });
}
