import { isatty } from "node:tty";
import type { Environment } from "../../run/run.ts";

/** What may be shown where. */
export interface Terminal {
  /** On stdout: it is a terminal, and neither NO_COLOR (https://no-color.org) nor TERM forbids it. */
  readonly colour: boolean;
  /** Progress on stderr, a line that is overwritten. */
  readonly progress: boolean;
}

/** What the streams of this process and the environment allow. */
export function terminalOf(env: Environment): Terminal {
  const canMove = env.TERM !== "dumb";
  return { colour: isatty(1) && canMove && !env.NO_COLOR, progress: isatty(2) && canMove };
}
