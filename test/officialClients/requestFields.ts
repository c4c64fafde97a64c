import type { RequestRecord } from "../cloud/gateway/records.ts";

/** A request taken apart: `method`, `query.NAME`, `form.NAME`, `header.NAME` … and what stands there. */
export type RequestFields = Readonly<Record<string, string>>;

/** What the connection brings along, whoever asks. */
const ofTheConnection = new Set(["authorization", "connection", "host"]);

/** What is another one in each call, of one client too. */
const ofTheMoment: readonly [RegExp, RegExp, string][] = [
  [/^query\.Timestamp$|^header\.x-acs-date$/, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, "<now>"],
  [/^query\.SignatureNonce$|^header\.x-acs-signature-nonce$/, /^.{16,}$/, "<nonce>"],
  [/^query\.Signature$/, /^.{28}$/, "<signature>"],
  [/^header\.x-acs-(security-token|accesskey-id)$/, /./, "<of the session>"],
  [/OIDCToken$/, /^ey/, "<token>"],
  [/^header\.content-length$/, /^[1-9]\d*$/, "<length>"],
];

/**
 * Takes a request apart. A header that is signed says so behind its value. The query is not what the signature of the
 * old RPC form signs alone: it signs every parameter.
 */
export function requestFields(record: RequestRecord): RequestFields {
  const [path = "", query = ""] = record.target.split("?");
  const { authorization = "" } = record.headers;
  const signed = new Set(/SignedHeaders=([^,]*)/.exec(authorization)?.[1]?.split(";"));
  const headers = Object.entries(record.headers).filter(([name]) => !ofTheConnection.has(name));
  const fields: [string, string][] = [
    ["method", record.method],
    ["path", path],
    ["authorization", authorization.split(" ")[0] || "none"],
    ...parameters("query", query),
    ...parameters("form", record.body),
    ...headers.map(([name, value]): [string, string] => [`header.${name}`, value]),
  ];
  return Object.fromEntries(
    fields.map(([name, value]) => {
      const isSigned = signed.has(name.replace(/^header\./, ""));
      return [name, steady(name, value) + (isSigned ? ", signed" : "")];
    }),
  );
}

function parameters(where: string, text: string): [string, string][] {
  return [...new URLSearchParams(text)].map(([name, value]) => [`${where}.${name}`, value]);
}

function steady(name: string, value: string): string {
  const found = ofTheMoment.find(([field, form]) => field.test(name) && form.test(value));
  return found?.[2] ?? value;
}

/** How a field of a request of ours relates to the same field of another client's. */
export type How = "only ours" | "only theirs" | "differs";

/** The fields that are not the same. */
export function differingFields(ours: RequestFields, theirs: RequestFields): Record<string, How> {
  const names = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].sort();
  const pairs = names.flatMap((name): [string, How][] => {
    if (ours[name] === theirs[name]) return [];
    const how =
      theirs[name] === undefined ? "only ours" : ours[name] === undefined ? "only theirs" : "differs";
    return [[name, how]];
  });
  return Object.fromEntries(pairs);
}
