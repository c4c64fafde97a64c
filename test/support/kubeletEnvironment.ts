import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { root } from "../../scripts/project.ts";

/** The variables that `kubelet-config` prints for the plugin, and so what a kubelet gives it. */
export const kubeletEnvironment: Readonly<Record<string, string>> = Object.fromEntries(
  parse(readFileSync(`${root}node-config/credential-provider.yaml`, "utf8")).providers[0].env.map(
    ({ name, value }: { name: string; value: string }) => [name, value],
  ),
);
