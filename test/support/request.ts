export interface RequestOptions {
  readonly version?: "v1" | "v1beta1" | "v1alpha1";
  readonly serviceAccountToken?: string;
  readonly serviceAccountAnnotations?: Record<string, string>;
}

/** A CredentialProviderRequest as the kubelet writes it: one JSON object and a newline. */
export function kubeletRequest(
  image: string,
  { version = "v1", ...serviceAccount }: RequestOptions = {},
): string {
  const request = {
    kind: "CredentialProviderRequest",
    apiVersion: `credentialprovider.kubelet.k8s.io/${version}`,
    image,
    ...serviceAccount,
  };
  return `${JSON.stringify(request)}\n`;
}
