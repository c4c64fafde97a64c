import { readdirSync } from "node:fs";
import tls from "node:tls";
import { readRegularFile } from "../files/regularFile.ts";
import { MAX_BYTES } from "./trust.ts";

/** Of Node.js 22.15 and later; Bun's types and those of Node.js 20 do not have it. */
const { getCACertificates } = tls as typeof tls & { getCACertificates(type: "default"): string[] };

/** `c_rehash` names the files so: https://docs.openssl.org/3.5/man1/openssl-rehash/ */
const HASHED = /^[0-9a-f]{8}\.\d+$/;

/**
 * The authorities that Node.js trusts by itself (NODE_EXTRA_CA_CERTS included), and those of SSL_CERT_FILE and SSL_CERT_DIR,
 * PEM. Bun and OpenSSL read the two variables, Node.js does not. What cannot be read is left out, as there.
 * @returns undefined where neither is set.
 */
export function environmentAuthorities(env: NodeJS.ProcessEnv): string[] | undefined {
  const { SSL_CERT_FILE = "", SSL_CERT_DIR = "" } = env;
  const folders = SSL_CERT_DIR.split(":").filter((folder) => folder !== "");
  const files = [...(SSL_CERT_FILE === "" ? [] : [SSL_CERT_FILE]), ...folders.flatMap(hashedFiles)];
  if (files.length === 0) return undefined;
  return [...getCACertificates("default"), ...files.flatMap(readPem)];
}

function hashedFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => HASHED.test(name))
      .map((name) => `${folder}/${name}`);
  } catch {
    return [];
  }
}

function readPem(file: string): string[] {
  try {
    return [readRegularFile(file, { maxBytes: MAX_BYTES }).bytes.toString("utf8")];
  } catch {
    return [];
  }
}
