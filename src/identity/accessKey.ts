import { existsSync } from "node:fs";
import type { AccessKeySource } from "../config/config.ts";
import { Failure } from "../failure/failure.ts";
import { readPrivateFiles } from "../files/privateFile.ts";
import { isPrintable } from "../text/foreignText.ts";
import type { Identity, IdentitySetting, RamCredentials } from "./identity.ts";

/** An AccessKey pair as configured, inline or by a directory whose files are read at every run. */
export function fromAccessKey(setting: IdentitySetting, config: AccessKeySource): Identity {
  return "directory" in config
    ? fromPair(setting, readDirectory(config.directory), config.directory)
    : fromPair(setting, config, "config");
}

/**
 * A known pair; `origin` says where it came from. The key is the AccessKey ID, which sets apart account and user,
 * so a rotated pair is another identity.
 * @throws Failure `ConfigInvalid` for values that are not.
 */
export function fromPair({ secrets }: IdentitySetting, pair: RamCredentials, origin: string): Identity {
  const { accessKeyId, accessKeySecret, securityToken } = pair;
  secrets.add(accessKeySecret, securityToken);
  // They become headers: a line break inside would end in an error of the runtime that quotes them.
  const parts = {
    "AccessKey ID": accessKeyId,
    secret: accessKeySecret,
    "security token": securityToken ?? "-",
  };
  const [unfit] = Object.entries(parts).find(([, value]) => !isPrintable(value)) ?? [];
  if (unfit !== undefined) {
    throw new Failure(
      `read the AccessKey (${origin}): its ${unfit} holds a line break, a blank or another character that none has`,
      {
        code: "ConfigInvalid",
        remedy: `write the ${unfit} and nothing else`,
        exitStatus: 2,
      },
    );
  }
  return {
    name: `accessKey ${abbreviated(accessKeyId)} (${origin})`,
    key: `accessKey ${accessKeyId}`,
    credentials: async () => ({
      accessKeyId,
      accessKeySecret,
      ...(securityToken === undefined ? {} : { securityToken }),
    }),
  };
}

/** Enough of an AccessKey ID to recognise it. */
function abbreviated(accessKeyId: string): string {
  return accessKeyId.length <= 12 ? accessKeyId : `${accessKeyId.slice(0, 8)}…${accessKeyId.slice(-4)}`;
}

function readDirectory(directory: string): RamCredentials {
  const names = ["access-key-id", "access-key-secret"];
  if (existsSync(`${directory}/security-token`)) names.push("security-token");
  const files = names.map((name) => `${directory}/${name}`);
  const [accessKeyId = "", accessKeySecret = "", securityToken] = readPrivateFiles(files, "AccessKey");
  return { accessKeyId, accessKeySecret, ...(securityToken === undefined ? {} : { securityToken }) };
}
