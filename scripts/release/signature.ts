/** Signatures by minisign (https://jedisct1.github.io/minisign/), which can be checked without any network. */
import { spawnSync } from "node:child_process";
import { name, SIGNATURE, SUMS, version } from "./releaseFolder.ts";

/** The file of the secret key, one without password or whose password is given to minisign at the terminal. */
export const SECRET_KEY = "RELEASE_MINISIGN_KEY_FILE";

/**
 * Signs SHA256SUMS. The trusted comment has no time, so the same key and the same files give the same signature.
 * @throws Error where minisign is missing or refuses the key.
 */
export function sign(folder: string, secretKeyFile: string): void {
  minisign("-S", "-s", secretKeyFile, "-t", `${name} ${version}`, ...filesIn(folder));
}

/** @throws Error where the signature is not one of this version, by this key, over SHA256SUMS. */
export function verifySignature(folder: string, publicKeyFile: string): void {
  const said = minisign("-V", "-p", publicKeyFile, ...filesIn(folder));
  if (!said.includes(`Trusted comment: ${name} ${version}\n`)) {
    throw new Error(`verify ${SIGNATURE}: it is not of ${name} ${version}: ${said.trim()}`);
  }
}

/** What is signed, and by which file. */
const filesIn = (folder: string) => ["-m", `${folder}/${SUMS}`, "-x", `${folder}/${SIGNATURE}`];

function minisign(...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync("minisign", args, {
    encoding: "utf8",
    stdio: ["inherit", "pipe", "pipe"],
  });
  if (status === 0) return stdout;
  const cause =
    error === undefined ? stderr.trim() || stdout.trim() : `${error.message} (Debian's package is minisign)`;
  throw new Error(`minisign ${args[0]}: ${cause}`);
}
