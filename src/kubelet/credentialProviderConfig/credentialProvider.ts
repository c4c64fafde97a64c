/** One provider of a `CredentialProviderConfig`, as the kubelet reads it, and where it is. */
export interface CredentialProvider {
  /** Also the name of its executable in the bin directory. */
  readonly name: string;
  /** Of the plugin API: `credentialprovider.kubelet.k8s.io/v1`. */
  readonly apiVersion: string;
  readonly matchImages: readonly string[];
  /** Milliseconds. */
  readonly defaultCacheDuration: number;
  readonly args: readonly string[];
  readonly env: readonly EnvironmentVariable[];
  readonly tokenAttributes?: TokenAttributes;
  readonly file: string;
  /** 0-based, among the providers of its file. */
  readonly index: number;
  /** 1-based. */
  readonly line: number;
  /** The line of each of `matchImages`. */
  readonly patternLines: readonly number[];
}

export interface EnvironmentVariable {
  readonly name: string;
  readonly value: string;
}

export interface TokenAttributes {
  readonly serviceAccountTokenAudience: string;
  /** `Token` or `ServiceAccount`; "" in 1.33, which does not have this field. */
  readonly cacheType: string;
  readonly requireServiceAccount: boolean;
  readonly requiredServiceAccountAnnotationKeys: readonly string[];
  readonly optionalServiceAccountAnnotationKeys: readonly string[];
}
