/**
 * Stands in for a kubelet in the tests of doctor: it says a release, serves metrics where it is told to, and waits. It is
 * told by a file, because its arguments and its environment are what doctor looks at.
 */
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";

export const settingsFile = "/run/fake-kubelet.json";

export interface FakeKubeletSettings {
  /** What `--version` prints. */
  readonly version?: string;
  /** Text of /metrics. */
  readonly metrics?: string;
  /** Port of /metrics without TLS. */
  readonly readOnlyPort?: number;
}

const settings = (
  existsSync(settingsFile) ? JSON.parse(readFileSync(settingsFile, "utf8")) : {}
) as FakeKubeletSettings;

if (process.argv.includes("--version")) {
  console.log(settings.version ?? "Kubernetes v1.34.4");
  process.exit(0);
}
const { metrics = "", readOnlyPort } = settings;
if (readOnlyPort !== undefined) {
  createServer((_, response) => response.end(metrics)).listen(readOnlyPort, "127.0.0.1");
}
// Longer than any test.
setTimeout(() => {}, 600_000);
