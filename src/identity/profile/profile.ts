import { Failure } from "../../failure/failure.ts";
import { readPrivateFile } from "../../files/privateFile.ts";
import type { Identity, IdentityContext, IdentitySetting } from "../identity.ts";
import { fromCliProfile } from "./cliProfile.ts";
import { fromIniProfile } from "./iniProfile.ts";
import { profileFile } from "./profileFile.ts";

/**
 * A profile of `~/.aliyun/config.json` (JSON) or `~/.alibabacloud/credentials` (INI); the content tells which.
 * The name is the configured one, else ALIBABA_CLOUD_PROFILE, else the file's own default.
 * @throws Failure `ProfileInvalid` or of the file; nothing of the file is quoted.
 */
export async function fromProfile(
  setting: IdentitySetting,
  config: { readonly name?: string; readonly file?: string },
  context: IdentityContext,
): Promise<Identity> {
  const file = config.file ?? profileFile(setting.env);
  if (file === undefined) {
    throw new Failure("find a profile file: none is named, and there is none in a home directory", {
      code: "ProfileInvalid",
      remedy: "set identity.file or ALIBABA_CLOUD_CREDENTIALS_FILE",
      exitStatus: 2,
    });
  }
  const text = readPrivateFile(file);
  const name = config.name ?? (setting.env.ALIBABA_CLOUD_PROFILE || undefined);
  const source = { file, text, name };
  return text.startsWith("{")
    ? fromCliProfile(setting, source, context)
    : fromIniProfile(setting, source, context);
}
