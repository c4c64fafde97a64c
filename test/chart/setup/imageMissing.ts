/** What the image is made with, and unpacked and looked at by its test; all of Debian. */
const programs = ["apt-get", "dpkg-deb", "tar", "readelf"];

/** Why the image cannot be made here; undefined: it can. */
export function imageMissing(): string | undefined {
  const absent = programs.filter((name) => !Bun.which(name));
  if (absent.length > 0) return `missing commands: ${absent.join(", ")} (Debian's libc is a part of it)`;
  const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
  const found = Bun.spawnSync(["test", "-r", keyring]).exitCode === 0;
  return found ? undefined : `${keyring} is missing, which Debian's packages are checked by`;
}
