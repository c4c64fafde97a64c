import { Failure } from "../failure/failure.ts";
import type { FlagValues } from "./flags.ts";

/** The value of `--output`, `text` by default. @throws Failure `Usage` for any other word. */
export function outputFormat(flags: FlagValues): "text" | "json" {
  const { "--output": format = "text" } = flags;
  if (format === "text" || format === "json") return format;
  throw new Failure(`--output ${format} is not a format`, {
    code: "Usage",
    exitStatus: 2,
    remedy: "use text or json",
  });
}
