/** undici's own codes (its `core/errors.js`), in those that `networkFailure` knows. Others are of Node.js, and the same as Bun's. */
const codes: Readonly<Record<string, string>> = {
  UND_ERR_SOCKET: "ECONNRESET",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "ECONNRESET",
};

/** undici tells the status of a proxy that opens no tunnel in a message only. */
const PROXY_STATUS = /^Proxy response \((\d{3})\)/;

/** An error of undici with the `code`, and for a proxy the message, that Bun's `fetch` would have given it. */
export function codedError(error: unknown): unknown {
  if (!(error instanceof Error) || error.name === "TimeoutError") return error;
  const status = PROXY_STATUS.exec(error.message)?.[1];
  if (status !== undefined) return withCode(`opening the tunnel: ${status}`, "ERR_PROXY_TUNNEL", error);
  const { code } = innermost(error);
  if (code === undefined) return error;
  return withCode(error.message, code.startsWith("ERR_SSL_") ? "EPROTO" : (codes[code] ?? code), error);
}

/** undici wraps a few, as that of a proxy with a certificate for another name. */
function innermost(error: NodeJS.ErrnoException): NodeJS.ErrnoException {
  const { cause } = error;
  return cause instanceof Error && "code" in cause ? innermost(cause as NodeJS.ErrnoException) : error;
}

const withCode = (message: string, code: string, cause: Error) =>
  Object.assign(new Error(message, { cause }), { code });
