import { realpathSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { Failure } from "../../failure/failure.ts";
import type { CredentialProvider } from "../../kubelet/credentialProviderConfig/credentialProvider.ts";
import { imageRepository } from "../../kubelet/matchImages/imageRepository.ts";
import { matchingProviders } from "../../kubelet/matchImages/matchingProviders.ts";
import type { ProcessFiles } from "../../kubelet/running/processFiles.ts";

export const PROVIDER_NAME = "aliyun-acr-credential-provider";

/** A provider of the kubelet's config whose executable is this program. */
export interface OurProvider extends CredentialProvider {
  /** Its executable, as the kubelet runs it; undefined where the bin directory is not known. */
  readonly executable?: string;
}

/** Those providers that run this program: by their name, or because a link of another name leads to it. */
export function ourProviders(
  providers: readonly CredentialProvider[],
  binDir: string | undefined,
  files: ProcessFiles,
): OurProvider[] {
  return providers.flatMap((provider) => {
    const executable = binDir === undefined ? undefined : join(binDir, provider.name);
    if (provider.name !== PROVIDER_NAME && !(executable && isThisProgram(executable, files))) return [];
    return [{ ...provider, ...(executable === undefined ? {} : { executable }) }];
  });
}

/** The provider that is asked for the first of the images that one of them is asked for, else the first. */
export function providerFor(
  ours: readonly OurProvider[],
  images: readonly string[],
): OurProvider | undefined {
  for (const image of images) {
    const repository = repositoryOf(image);
    const [match] = repository === undefined ? [] : matchingProviders(ours, repository).matching;
    if (match !== undefined) return ours.find((provider) => provider === match.provider);
  }
  return ours[0];
}

/** The repository of an image; undefined for what is not an image, of which the kubelet group speaks. */
export function repositoryOf(image: string): string | undefined {
  try {
    return imageRepository(image);
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

function isThisProgram(executable: string, files: ProcessFiles): boolean {
  try {
    // Of another root the links are followed already, and realpath() would leave it.
    const path = files.view === "same" ? realpathSync(executable) : files.here(executable);
    if (basename(path) === PROVIDER_NAME) return true;
    const [theirs, ours] = [statSync(path), statSync(process.execPath)];
    return theirs.dev === ours.dev && theirs.ino === ours.ino;
  } catch {
    return false;
  }
}
