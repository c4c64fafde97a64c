import { Failure } from "../failure/failure.ts";
import { readRegularFile, UnfitFile } from "../files/regularFile.ts";

/** All public authorities together are a quarter of this. */
const MAX_BYTES = 1024 * 1024;

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
    throw invalid(file, `it cannot be read (${(cause as NodeJS.ErrnoException).code ?? "error"})`, cause);
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
