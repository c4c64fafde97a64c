import type { Failure } from "../failure/failure.ts";
import type { Secrets } from "../log/secrets.ts";
import type { Surroundings } from "../run/run.ts";
import type { FlagName, FlagValues } from "./flags.ts";

/** A command of the executable, with its own usage. */
export interface Command {
  /** The words that choose it; "" is the plugin itself. */
  readonly name: string;
  /** What it takes besides flags, as usage shows it; "" for nothing. */
  readonly operands: string;
  readonly operandCount: { readonly min: number; readonly max: number };
  readonly flags: readonly FlagName[];
  /** What it does, in one line. */
  readonly help: string;
  /** Carries it out; resolves to the exit status. A Failure that it throws is printed by the process. */
  run(context: CommandContext): Promise<number>;
}

/** A command as it was called. */
export interface Invocation {
  readonly command: Command;
  readonly operands: readonly string[];
  readonly flags: FlagValues;
}

/** For a command that takes no operands. */
export const noOperands = { operands: "", operandCount: { min: 0, max: 0 } } as const;

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
