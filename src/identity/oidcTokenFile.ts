import { readSmallFile } from "../files/privateFile.ts";
import type { Identity, IdentityContext, IdentitySetting } from "./identity.ts";
import { givenSessionName } from "./sessionName.ts";
import { fromWebIdentity } from "./webIdentity.ts";

/** The role that may be assumed with the token in a file, read (and trimmed) whenever it is needed. */
export function fromOidcTokenFile(
  setting: IdentitySetting,
  config: {
    readonly path: string;
    readonly roleArn: string;
    readonly oidcProviderArn: string;
    readonly sessionName?: string | undefined;
    readonly durationSeconds?: number | undefined;
    readonly policy?: string | undefined;
  },
  context: IdentityContext,
): Identity {
  const { path, roleArn, oidcProviderArn, durationSeconds, policy } = config;
  const token = () => {
    const text = readSmallFile(path, "OIDC token");
    setting.secrets.add(text);
    return text;
  };
  const sessionName = givenSessionName(setting, config.sessionName);
  return fromWebIdentity(
    setting,
    {
      source: "oidcTokenFile",
      holder: [path],
      roleArn,
      oidcProviderArn,
      sessionName,
      durationSeconds,
      policy,
      token,
    },
    context,
  );
}
