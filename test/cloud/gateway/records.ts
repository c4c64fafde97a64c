import { randomUUID } from "node:crypto";
import type { Operation } from "./operations.ts";

/** One request as the cloud saw it. Nothing is redacted: tests look for leaks here too. */
export interface RequestRecord {
  /** Epoch milliseconds of the machine's clock, when the request had arrived whole. */
  time: number;
  service: "acr" | "sts" | "metadata" | "credentialsUri";
  operation: Operation;
  method: string;
  /** The request target: path and raw query. */
  target: string;
  host: string;
  secure: boolean;
  /** Query and form together. */
  parameters: Record<string, string>;
  headers: Record<string, string>;
  /** The body of a call of ACR or STS, a form if it is anything. */
  body: string;
  signature?: "ACS3-HMAC-SHA256" | "RPC-HMAC-SHA1" | undefined;
  /** Set once the caller has been authenticated. */
  callerArn?: string | undefined;
  accessKeyId?: string | undefined;
  regionId?: string | undefined;
  /** HTTP status; unset while unanswered, and for ever after `hang` and `reset`. */
  status?: number | undefined;
  /** The API's `Code`: an error code, or `success`/`OK`. */
  code?: string | undefined;
  requestId: string;
  /** The kind of fault that was played on this request. */
  fault?: string | undefined;
  /** The client went away before the answer was complete. */
  aborted?: boolean | undefined;
  /** What no honest client does. */
  violations: string[];
}

export interface Records {
  readonly requests: RequestRecord[];
  open(record: Omit<RequestRecord, "time" | "requestId" | "violations">): RequestRecord;
  calls(operation?: Operation): RequestRecord[];
  violations(): string[];
  clear(): void;
}

export function createRecords(): Records {
  const requests: RequestRecord[] = [];
  return {
    requests,
    open(seen) {
      const record = { ...seen, time: Date.now(), requestId: randomUUID().toUpperCase(), violations: [] };
      requests.push(record);
      return record;
    },
    calls: (operation) => requests.filter((record) => !operation || record.operation === operation),
    violations: () =>
      requests.flatMap(({ operation, violations }) => violations.map((text) => `${operation}: ${text}`)),
    clear() {
      requests.length = 0;
    },
  };
}
