import type { Certificate } from "../../cloud/http/certificates.ts";

/** An object of the Kubernetes API, as far as all of them are alike. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/** Asks the API server as an administrator. */
export interface Api {
  /** @throws what the API server said, unless it succeeded. */
  request<Answer>(method: "GET" | "POST" | "DELETE" | "PATCH", path: string, body?: object): Promise<Answer>;
  /** Whether it serves. */
  ready(): Promise<boolean>;
}

export function apiAt(url: string, ca: string, client: Certificate): Api {
  const tls = { ca, cert: client.cert, key: client.key };
  return {
    async request<Answer>(method: string, path: string, body?: object): Promise<Answer> {
      const type = method === "PATCH" ? "application/merge-patch+json" : "application/json";
      const response = await fetch(`${url}${path}`, {
        method,
        tls,
        ...(body && { headers: { "content-type": type }, body: JSON.stringify(body) }),
      });
      if (response.ok) return (await response.json()) as Answer;
      throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    },
    ready: () =>
      fetch(`${url}/readyz`, { tls }).then(
        ({ ok }) => ok,
        () => false,
      ),
  };
}
