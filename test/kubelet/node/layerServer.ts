import type { Certificate } from "../../cloud/http/certificates.ts";
import { state } from "./inside.ts";

export interface LayerServer {
  /** What it was sent: `PATH RANGE`, and whether credentials came along. */
  readonly requests: { readonly path: string; readonly range: string; readonly hasCredentials: boolean }[];
  stop(): Promise<void>;
}

/**
 * What OSS is for ACR: serves the registries' storage to whoever they redirect. The real docker-registry redirects by
 * its storage middleware `redirect`, to the path of the file.
 */
export function startLayerServer(hostname: string, certificate: Certificate): LayerServer {
  const requests: LayerServer["requests"][number][] = [];
  const server = Bun.serve({
    hostname,
    port: 443,
    tls: certificate,
    async fetch({ url, headers }) {
      const path = decodeURIComponent(new URL(url).pathname);
      const range = headers.get("range") ?? "";
      requests.push({ path, range, hasCredentials: headers.has("authorization") });
      const file = Bun.file(`${state}/storage${path}`);
      if (path.includes("..") || !(await file.exists())) return new Response("no such file", { status: 404 });
      const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? [];
      if (from === undefined) return new Response(file);
      const part = file.slice(Number(from), Number(to) + 1);
      const contentRange = `bytes ${from}-${Number(from) + part.size - 1}/${file.size}`;
      return new Response(part, { status: 206, headers: { "content-range": contentRange } });
    },
  });
  return { requests, stop: () => server.stop(true) };
}
