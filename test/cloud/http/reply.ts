/** An answer before it is put on the wire. */
export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: string | Buffer;
  /** The API's `Code`, for the record. */
  code?: string | undefined;
}

export function jsonReply(status: number, body: unknown, code?: string): Reply {
  return {
    status,
    headers: { "content-type": "application/json;charset=utf-8" },
    body: JSON.stringify(body),
    code,
  };
}

export function textReply(status: number, body: string): Reply {
  return { status, headers: { "content-type": "text/plain" }, body };
}
