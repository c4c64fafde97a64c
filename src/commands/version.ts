import { version as packageVersion } from "../../package.json";
import type { CommandContext } from "./context.ts";

/** The version of the executable, which is that of the package it was built from. */
export async function version({ print }: CommandContext): Promise<number> {
  print(`aliyun-acr-credential-provider ${packageVersion}\n`);
  return 0;
}
