/** The ECS metadata service, which has no TLS: https://www.alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata/ */
export const METADATA_HOST = "100.100.100.200";

/** Lower case of A to Z only: in Unicode the Kelvin sign, too, has k for its lower case. */
export function asciiLowerCase(text: string): string {
  if (text === text.toLowerCase()) return text;
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** What two spellings of one host have in common: lower case, and no port when it is HTTPS's own. */
export function comparableHost(host: string): string {
  const lower = asciiLowerCase(host);
  return lower.endsWith(":443") ? lower.slice(0, -4) : lower;
}

/** Whether a host is one of these, however each is spelled. */
export function isAmong(host: string, hosts: readonly string[]): boolean {
  const wanted = comparableHost(host);
  return hosts.some((other) => comparableHost(other) === wanted);
}

/** Whether a URL's host name (no port) is this machine itself. */
export function isLoopback(hostname: string): boolean {
  const name = asciiLowerCase(hostname).replace(/\.$/, "");
  return name === "localhost" || name === "[::1]" || /^127(\.[0-9]{1,3}){3}$/.test(name);
}

/** A DNS name and a port. */
const MAX_HOST_LENGTH = 260;

const label = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const hostAndPort = new RegExp(
  `^(?:${label}(?:\\.${label})*|\\[[0-9a-f:.]{2,45}\\])(?::([1-9][0-9]{0,4}))?$`,
);

/** A registry host `host[:port]` in lower case, or undefined for what is not one. */
export function parseHost(text: string): string | undefined {
  if (text.length > MAX_HOST_LENGTH) return undefined;
  const host = asciiLowerCase(text);
  const match = hostAndPort.exec(host);
  return match !== null && Number(match[1] ?? 1) <= 65535 ? host : undefined;
}
