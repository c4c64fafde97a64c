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

/** A line on a terminal that says what is waited for. */
export interface Progress {
  /** From now on this is shown; undefined: nothing is. */
  show(what: string | undefined): void;
  /** Prints something else, with the line out of its way. */
  without(print: () => void): void;
}

/** @param write to the terminal; undefined where there is none, and nothing is shown. */
export function progressLine(write: ((text: string) => void) | undefined): Progress {
  let shown: string | undefined;
  const draw = (what: string | undefined) =>
    write?.(what === undefined ? "\r\u001b[K" : `\r\u001b[K${what} \u2026`);
  return {
    show(what) {
      shown = what;
      draw(what);
    },
    without(print) {
      draw(undefined);
      print();
      if (shown !== undefined) draw(shown);
    },
  };
}
