import { Failure } from "../failure/failure.ts";
import type { CredentialProvider } from "../kubelet/credentialProviderConfig/credentialProvider.ts";
import { imageRepository } from "../kubelet/matchImages/imageRepository.ts";
import { matchingProviders } from "../kubelet/matchImages/matchingProviders.ts";
import { PROVIDER_NAME } from "./provider/providerEntry.ts";

/**
 * A plugin that fails must not stand in the way of the image that repairs it.
 * @throws Failure `OwnRegistryMatched` where the kubelet would ask this provider for the image that is being run.
 */
export function requireOtherRegistry(providers: readonly CredentialProvider[], image: string): void {
  const { matching } = matchingProviders(providers, imageRepository(image));
  const own = matching.find(({ provider }) => provider.name === PROVIDER_NAME);
  if (own === undefined) return;
  throw new Failure(
    `install from ${image}: the kubelet would ask this provider for that very image, by its pattern ${own.pattern}`,
    {
      code: "OwnRegistryMatched",
      remedy: "put the image into a registry that no pattern matches, so that it can always be pulled",
    },
  );
}
