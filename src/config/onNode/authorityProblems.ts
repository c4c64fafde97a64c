import { X509Certificate } from "node:crypto";
import { readRegularFile, UnfitFile } from "../../files/regularFile.ts";
import { oneLine, shortened } from "../../text/foreignText.ts";
import type { GradedFinding } from "../problem.ts";

/** As `openapi` takes it: all public authorities together are a quarter of this. */
const MAX_BYTES = 1024 * 1024;
const MAX_SUBJECT_LENGTH = 100;

const pemCertificate = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** What is wrong with the certificate authorities of `tls.caFile`. `now`: epoch ms. */
export function authorityProblems(file: string, now: number): GradedFinding[] {
  const path = ["tls", "caFile"];
  const error = (message: string): GradedFinding => ({ path, message, severity: "error" });
  const warning = (message: string): GradedFinding => ({ path, message, severity: "warning" });
  const read = textOf(file);
  if ("problem" in read) return [error(read.problem)];
  const blocks = read.text.match(pemCertificate) ?? [];
  if (blocks.length === 0) return [error(`${file} holds no PEM certificate`)];
  const found = read.isOpenToChanges
    ? [warning(`${file} may be changed by group or others: run "chmod go-w ${file}"`)]
    : [];
  const certificates = blocks.map(certificateOf);
  const damaged = certificates.flatMap((one, index) => (one === undefined ? [index + 1] : []));
  for (const position of damaged) found.push(error(`${file}: certificate ${position} is damaged`));
  const whole = certificates.filter((one) => one !== undefined);
  const expired = whole.filter(({ validTo }) => Date.parse(validTo) <= now);
  const isAnyInForce = expired.length < whole.length;
  for (const one of expired) {
    const message = `${file}: the certificate of ${nameOf(one)} has expired (${one.validTo}): replace it`;
    found.push(isAnyInForce ? warning(message) : error(message));
  }
  for (const one of whole.filter(({ validFrom }) => Date.parse(validFrom) > now)) {
    found.push(warning(`${file}: the certificate of ${nameOf(one)} is not valid before ${one.validFrom}`));
  }
  return found;
}

function textOf(file: string): { text: string; isOpenToChanges: boolean } | { problem: string } {
  try {
    const { bytes, stats } = readRegularFile(file, { maxBytes: MAX_BYTES });
    return { text: bytes.toString("utf8"), isOpenToChanges: (stats.mode & 0o022) !== 0 };
  } catch (error) {
    if (error instanceof UnfitFile) return { problem: `${file}: ${error.message}` };
    const { code = "error" } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "does not exist" : `cannot be read (${code})`;
    return { problem: `${file} ${why}: put the PEM certificates there, or correct the path` };
  }
}

function certificateOf(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function nameOf({ subject }: X509Certificate): string {
  return shortened(oneLine(subject), MAX_SUBJECT_LENGTH);
}
