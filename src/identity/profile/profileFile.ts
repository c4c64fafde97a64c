import { existsSync } from "node:fs";
import type { Environment } from "../../run/run.ts";

/**
 * The profile file of the environment, in the order in which @alicloud/credentials looks: the one that is named, be it
 * there or not, else the first that the home directory has; undefined where there is none.
 * A file of its own, because source auto looks for profiles in every run and need not load what reads them.
 */
export function profileFile(env: Environment): string | undefined {
  if (env.ALIBABA_CLOUD_CREDENTIALS_FILE) return env.ALIBABA_CLOUD_CREDENTIALS_FILE;
  if (!env.HOME) return undefined;
  const isCliProfileOff = env.ALIBABA_CLOUD_CLI_PROFILE_DISABLED?.toLowerCase() === "true";
  const files = [
    ...(isCliProfileOff ? [] : [`${env.HOME}/.aliyun/config.json`]),
    `${env.HOME}/.alibabacloud/credentials`,
  ];
  return files.find(existsSync);
}
