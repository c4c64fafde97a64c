import { writeFileSync } from "node:fs";
import { stringify } from "yaml";
import { root } from "../../../scripts/project.ts";
import type { SimulatedNode } from "../../support/simulatedNode.ts";

/** A sample of the product document, as it stands there. */
export function sample(name: string): Promise<string> {
  return Bun.file(`${root}test/config/samples/${name}.txt`).text();
}

/** Makes the ConfigMap the node's config, with the `provider-config` that leads to the simulated cloud. */
export function useConfigMap(
  { cloud, node }: SimulatedNode,
  text: string,
  native: Record<string, unknown> = {},
): void {
  const own = stringify({
    endpoints: { acr: cloud.endpoints.acr, sts: cloud.endpoints.sts, metadata: cloud.endpoints.metadata },
    tls: { caFile: cloud.caFile },
    cache: { directory: node.cacheDirectory },
    log: { file: node.logFile },
    ...native,
  });
  const withOwn = text.replace(/^data:\s*\n([ \u00a0]+)/m, (_match, indent: string) => {
    const lines = own.trimEnd().split("\n");
    return `data:\n${indent}provider-config: |\n${lines.map((line) => `${indent}  ${line}\n`).join("")}${indent}`;
  });
  if (withOwn === text) throw new Error("the text has no data");
  writeFileSync(node.configFile, withOwn, { mode: 0o600 });
}
