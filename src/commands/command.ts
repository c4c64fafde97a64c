import type { CommandContext } from "./context.ts";
import type { FlagName } from "./flags.ts";

/** Carries out a command; resolves to the exit status. A Failure that it throws is printed by the process. */
export type RunCommand = (context: CommandContext) => Promise<number>;

export interface Command {
  /** The words that choose it; "" is the plugin itself. */
  readonly name: string;
  readonly operands: string;
  readonly operandCount: { readonly min: number; readonly max: number };
  readonly flags: readonly FlagName[];
  readonly help: string;
  /** Loads its code, and only its code. */
  load(): Promise<RunCommand>;
}
