import type fc from "fast-check";
import { Failure } from "../../src/failure/failure.ts";
import { failureLine } from "../../src/log/failureLine.ts";
import { Secrets } from "../../src/log/secrets.ts";

/** Something that takes input from outside, and what must hold whatever the input is. */
export interface Target {
  readonly name: string;
  readonly property: fc.IAsyncProperty<unknown[]>;
}

/** Far more than any input may cost, on a machine that has much else to do. */
const MAX_MS = 5000;

/** Occurs in every secret that a target plants. */
export const CANARY = "CANARY";

/**
 * What `action` comes to, or the Failure that it throws; anything else that it throws, a failure with a wrong exit
 * status, a line that is none or holds a canary, or taking too long is a defect. `action` hears where secrets go.
 */
export async function guarded<Value>(
  action: (secrets: Secrets) => Value | Promise<Value>,
): Promise<{ value: Value } | { failure: Failure }> {
  const startedAt = performance.now();
  const outcome = await attempt(action);
  const ms = performance.now() - startedAt;
  if (ms > MAX_MS) throw new Error(`it took ${ms.toFixed(0)} ms`);
  return outcome;
}

async function attempt<Value>(
  action: (secrets: Secrets) => Value | Promise<Value>,
): Promise<{ value: Value } | { failure: Failure }> {
  const secrets = new Secrets();
  try {
    return { value: await action(secrets) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    checkFailure(error, secrets);
    return { failure: error };
  }
}

function checkFailure(failure: Failure, secrets: Secrets): void {
  if (![1, 2].includes(failure.exitStatus)) throw new Error(`exit status ${failure.exitStatus}`);
  // What an unforeseen error of this program is turned into.
  if (failure.message.includes("unexpected error"))
    throw new Error(failure.message, { cause: failure.cause });
  const line = failureLine(failure, secrets);
  if (/[\r\n\u2028\u2029]/.test(line) || line.length > 2100 || line === "")
    throw new Error(`no line: ${line}`);
  if (line.includes(CANARY)) throw new Error(`a secret gets out: ${line}`);
}
