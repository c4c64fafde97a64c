import type { Failure } from "../failure/failure.ts";
import type { Secrets } from "../log/secrets.ts";
import type { Surroundings } from "../run/run.ts";
import type { FlagValues } from "./flags.ts";

/** What the process hands to a command. */
export interface CommandContext extends Surroundings {
  readonly operands: readonly string[];
  readonly flags: FlagValues;
  /** Masked in everything that is printed. */
  readonly secrets: Secrets;
  /** All of stdin. @throws Failure when it is larger than `maxBytes` or does not end within `timeoutMs`. */
  readStdin(maxBytes: number, timeoutMs: number): Promise<Uint8Array>;
  /** Writes to stdout, as it is: the one place where a token may leave. */
  print(text: string): void;
  /** Writes the one line of a failure to stderr, secrets masked. */
  reportFailure(failure: Failure): void;
  /** Writes lines to stderr, secrets masked. */
  complain(text: string): void;
}
