import type { Environment } from "../../run/run.ts";

/**
 * A file of its own, because source auto looks for profiles in every run and need not load what reads them. Where profile files may be, in the order in which @alicloud/credentials looks for them: a file that is named,
 * else those of the home directory, if there is one.
 */
export function profileFiles(env: Environment): string[] {
  if (env.ALIBABA_CLOUD_CREDENTIALS_FILE) return [env.ALIBABA_CLOUD_CREDENTIALS_FILE];
  if (!env.HOME) return [];
  const isCliProfileOff = env.ALIBABA_CLOUD_CLI_PROFILE_DISABLED?.toLowerCase() === "true";
  return [
    ...(isCliProfileOff ? [] : [`${env.HOME}/.aliyun/config.json`]),
    `${env.HOME}/.alibabacloud/credentials`,
  ];
}
