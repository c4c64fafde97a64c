import { parse, stringify } from "yaml";
import { configFiles } from "../../config/configFile.ts";
import { Failure } from "../../failure/failure.ts";
import { PROVIDER_NAME, providersIn } from "../../install/provider/providerEntry.ts";

/**
 * The CredentialProviderConfig of `--provider`, written as `kubelet-config` writes one. Whether the kubelet takes it is
 * seen when it is merged. @throws Failure `ProviderInvalid` (exit status 2) where it is not one with our provider alone.
 */
export function wantedProvider(path: string): string {
  const config = parsed(path);
  const [provider, ...others] = providersIn(config);
  if (provider?.name !== PROVIDER_NAME || others.length > 0) {
    throw invalid(path, `it does not have ${PROVIDER_NAME} as its only provider`);
  }
  const { name, ...rest } = provider;
  return stringify({ ...(config as object), providers: [{ name, ...rest }] }, { lineWidth: 0 });
}

function parsed(path: string): unknown {
  const text = configFiles.read(path)?.text;
  if (text === undefined) throw invalid(path, "it does not exist");
  try {
    return parse(text);
  } catch (error) {
    throw invalid(path, String((error as Error).message.split("\n")[0]));
  }
}

function invalid(path: string, cause: string): Failure {
  return new Failure(`take the provider from ${path}: ${cause}`, {
    code: "ProviderInvalid",
    exitStatus: 2,
    remedy: "give a CredentialProviderConfig as kubelet-config prints it",
  });
}
