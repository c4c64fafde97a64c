import { debianPackages } from "../../../scripts/image/debianPackages.ts";

/** What the image is made with, and unpacked and looked at by its test; all of Debian. */
const programs = ["apt-get", "dpkg-deb", "tar", "readelf"];

/** Why the image cannot be made here, such as without a network, or when Debian has replaced a pinned package; undefined: it can. */
export function imageMissing(): string | undefined {
  const absent = programs.filter((name) => !Bun.which(name));
  if (absent.length > 0) return `missing commands: ${absent.join(", ")} (Debian's libc is a part of it)`;
  const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
  const found = Bun.spawnSync(["test", "-r", keyring]).exitCode === 0;
  if (!found) return `${keyring} is missing, which Debian's packages are checked by`;
  try {
    debianPackages();
    return undefined;
  } catch (error) {
    const { message } = error as Error;
    // A package that is served with another hash is no reason to look away.
    if (!message.startsWith("apt-get ")) throw error;
    return `${message.trim()} (npm run image -- --update-packages takes what Debian has now)`;
  }
}
