import { Failure } from "../../failure/failure.ts";
import { fromPair } from "../accessKey.ts";
import type { Identity, IdentitySetting } from "../identity.ts";

/** A profile file's text and which profile is wanted (undefined: the file's default). */
export interface ProfileSource {
  readonly file: string;
  readonly text: string;
  readonly name: string | undefined;
}

/** What is wrong with a profile, said without a word of its content. */
export function profileInvalid(file: string, name: string | undefined, why: string): Failure {
  const what = name === undefined ? "a profile" : `profile ${JSON.stringify(name)}`;
  return new Failure(`read ${what} in ${file}: ${why}`, {
    code: "ProfileInvalid",
    remedy:
      "correct the file, or identity.name and identity.file (ALIBABA_CLOUD_PROFILE, ALIBABA_CLOUD_CREDENTIALS_FILE)",
    exitStatus: 2,
  });
}

/** The fields of one profile; an empty text counts as not there. */
export interface ProfileFields {
  optional(field: string): string | undefined;
  /**
   * @throws Failure when it is missing: the classes of @alicloud/credentials would quietly take another identity
   * from the environment instead.
   */
  needed(field: string): string;
  number(field: string): number | undefined;
  isTrue(field: string): boolean;
}

/** Reads the fields of a profile, whatever their types are. */
export function profileFields(
  file: string,
  name: string,
  profile: Readonly<Record<string, unknown>>,
): ProfileFields {
  const optional = (field: string) => {
    const value = profile[field];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  return {
    optional,
    needed: (field) => {
      const value = optional(field);
      if (value === undefined) throw profileInvalid(file, name, `it has no ${field}`);
      return value;
    },
    number: (field) => {
      const value = Number(
        optional(field) ?? (typeof profile[field] === "number" ? profile[field] : Number.NaN),
      );
      return Number.isSafeInteger(value) && value > 0 ? value : undefined;
    },
    isTrue: (field) => profile[field] === true || profile[field] === "true",
  };
}

/** The AccessKey pair of a profile, in the fields that both formats have for it. */
export function pairOf(
  setting: IdentitySetting,
  file: string,
  profile: ProfileFields,
  securityToken?: string,
): Identity {
  const pair = {
    accessKeyId: profile.needed("access_key_id"),
    accessKeySecret: profile.needed("access_key_secret"),
    ...(securityToken === undefined ? {} : { securityToken }),
  };
  return fromPair(setting, pair, file);
}
