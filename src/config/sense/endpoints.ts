import { parseEndpoint } from "../hostValues.ts";
import type { FilledConfig } from "../input.ts";
import type { Sense } from "./sense.ts";

/** Endpoints that are none. */
export function senseEndpoints({ endpoints }: FilledConfig, sense: Sense): void {
  if (!sense.sound(["endpoints"])) return;
  for (const service of ["acr", "sts", "metadata"] as const) {
    const text = endpoints[service];
    if (text === undefined) continue;
    const parsed = parseEndpoint(text, service);
    if ("problem" in parsed) sense.error(["endpoints", service], parsed.problem);
  }
}
