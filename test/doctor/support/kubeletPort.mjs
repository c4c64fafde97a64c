/**
 * The kubelet's own port (10250) in the tests of doctor: TLS, /metrics for whoever has a client certificate, else 401.
 * For Node.js: Bun's server does not tell what certificate the other side has.
 * Arguments: a file with certificate and key, and the file of the metrics.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:https";

const [, , certificate, metrics] = process.argv;
const pem = readFileSync(certificate, "utf8");
createServer(
  { cert: pem, key: pem, requestCert: true, rejectUnauthorized: false },
  ({ socket }, response) => {
    const isKnown = Object.keys(socket.getPeerCertificate() ?? {}).length > 0;
    response.writeHead(isKnown ? 200 : 401).end(isKnown ? readFileSync(metrics) : "Unauthorized");
  },
).listen(10250, "127.0.0.1");
