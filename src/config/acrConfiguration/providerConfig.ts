import { didYouMean } from "../../text/nearest.ts";
import { isMapping } from "./configMap.ts";
import type { Conversion } from "./conversion.ts";
import type { Part } from "./part.ts";

/** Native keys for what the helper had no word for, or took from its own surroundings (identity, region). */
const ownKeys: readonly string[] = [
  "cache",
  "network",
  "timeouts",
  "endpoints",
  "tls",
  "log",
  "discovery",
  "serviceAccountAnnotations",
  "identity",
  "defaultRegion",
];

/** The native keys in `provider-config`, as they are. */
export function providerConfigOf(part: Part, conversion: Conversion): Readonly<Record<string, unknown>> {
  const { value } = part;
  if (value === null || value === undefined) return {};
  if (!isMapping(value)) {
    conversion.error(part.at([]), "must be a text that holds native keys, such as cache or network");
    return {};
  }
  for (const key of Object.keys(value)) {
    if (ownKeys.includes(key)) {
      conversion.came([key], part, [key]);
    } else {
      conversion.error(
        part.at([key]),
        `unknown key${didYouMean(key, ownKeys)} (known here: ${ownKeys.join(", ")})`,
      );
    }
  }
  return Object.fromEntries(Object.entries(value).filter(([key]) => ownKeys.includes(key)));
}
