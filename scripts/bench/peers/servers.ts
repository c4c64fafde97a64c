/**
 * What the peers of `npm run bench -- --peers` talk to, as a process of its own: an ECR API that knows one operation, on
 * HTTP and TLS, and a proxy that leads every host to the simulated cloud. Reads `{key, cert, cloud}` from stdin; one line
 * of JSON on stdout says where they are. `GET /calls` of the HTTP listener counts, `POST /delay?ms=N` slows down.
 */
import { openTunnels } from "../../../test/identity/support/tunnels.ts";

const { key, cert, cloud } = await Bun.stdin.json();
const tunnels = await openTunnels(cloud);
let calls = 0;
let delayMs = 0;

async function answer(request: Request): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  if (pathname === "/calls") return Response.json(calls);
  if (pathname === "/delay") {
    delayMs = Number(searchParams.get("ms"));
    return Response.json(delayMs);
  }
  // https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html
  if (!request.headers.get("x-amz-target")?.endsWith(".GetAuthorizationToken")) {
    return new Response(null, { status: 400 });
  }
  calls++;
  if (delayMs > 0) await Bun.sleep(delayMs);
  const authorizationToken = btoa(`AWS:${"p".repeat(1500)}`);
  const expiresAt = Math.floor(Date.now() / 1000) + 12 * 3600;
  return Response.json(
    { authorizationData: [{ authorizationToken, expiresAt, proxyEndpoint: "https://example.invalid" }] },
    { headers: { "content-type": "application/x-amz-json-1.1" } },
  );
}

const http = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: answer });
const https = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: answer, tls: { key, cert } });
const url = (scheme: string, { port }: { port?: number | undefined }) => `${scheme}://127.0.0.1:${port}`;
console.log(JSON.stringify({ http: url("http", http), https: url("https", https), proxy: tunnels.url }));
