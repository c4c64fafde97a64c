import type { CredentialProvider } from "../credentialProviderConfig/credentialProvider.ts";
import { type PatternMiss, patternMiss } from "./patternMiss.ts";

/** A provider that the kubelet runs for an image, and the first of its patterns that says so. */
export interface MatchingProvider {
  readonly provider: CredentialProvider;
  readonly pattern: string;
  /** Of the pattern, 1-based. */
  readonly line: number;
}

/** A provider that it does not run. */
export interface OtherProvider {
  readonly provider: CredentialProvider;
  /** Why each pattern does not match; the one that is closest to the image comes first. */
  readonly misses: readonly ProviderMiss[];
}

export interface ProviderMiss extends PatternMiss {
  readonly pattern: string;
  /** Of the pattern, 1-based. */
  readonly line: number;
}

export interface ProvidersForImage {
  /** In the order in which the kubelet asks them; it asks all of them. */
  readonly matching: readonly MatchingProvider[];
  readonly others: readonly OtherProvider[];
}

/**
 * Which providers the kubelet runs for an image, and why not the others. One with `requireServiceAccount` is run only for
 * pods that have a service account, whatever it matches.
 * @param repository as imageRepository() gives it.
 */
export function matchingProviders(
  providers: readonly CredentialProvider[],
  repository: string,
): ProvidersForImage {
  const matching: MatchingProvider[] = [];
  const others: OtherProvider[] = [];
  for (const provider of providers) {
    const patterns = provider.matchImages.map((pattern, index) => {
      const line = provider.patternLines[index] ?? provider.line;
      return { pattern, line, miss: patternMiss(pattern, repository) };
    });
    const match = patterns.find(({ miss }) => miss === undefined);
    if (match !== undefined) {
      matching.push({ provider, pattern: match.pattern, line: match.line });
    } else {
      const misses = patterns.flatMap(({ miss, ...place }) =>
        miss === undefined ? [] : [{ ...place, ...miss }],
      );
      others.push({ provider, misses: misses.sort((one, other) => one.distance - other.distance) });
    }
  }
  return { matching, others };
}
