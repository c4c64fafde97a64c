import { type Check, type CheckStatus, groupNames } from "./check.ts";

/** How many checks ended in which way. */
export type Counts = Readonly<Record<CheckStatus, number>>;

export function countsOf(checks: readonly Check[]): Counts {
  const count = (wanted: CheckStatus) => checks.filter(({ status }) => status === wanted).length;
  return { failed: count("failed"), warning: count("warning"), ok: count("ok"), skipped: count("skipped") };
}

const STATUS_WIDTH = "skipped".length;
/** The ids of the kubelet's group are the longest ones. */
const ID_WIDTH = "provider-executable".length;

/** SGR codes, by which a status is seen at a glance. */
const colours: Readonly<Record<CheckStatus, number>> = { ok: 32, warning: 33, failed: 31, skipped: 90 };
const BOLD = 1;

/** Writes the report for people: a heading for each group, a line for each check, and its remedy below it. */
export class ReportText {
  readonly #colour: boolean;
  #group: string | undefined;

  constructor(colour: boolean) {
    this.#colour = colour;
  }

  /** The lines of one check, after the heading of its group where it is the first. */
  check(check: Check): string {
    const { status, group, id, subject, found, remedy, durationMs } = check;
    const heading = group === this.#group ? "" : this.#heading(group);
    this.#group = group;
    const time = durationMs === undefined ? "" : ` (${Math.round(durationMs)} ms)`;
    const word = this.#painted(status.padEnd(STATUS_WIDTH), colours[status]);
    const line = `  ${word}  ${id.padEnd(ID_WIDTH)}  ${subject}: ${found}${time}\n`;
    const indent = " ".repeat(2 + STATUS_WIDTH + 2);
    return `${heading}${line}${remedy === undefined ? "" : `${indent}-> ${remedy}\n`}`;
  }

  /** `3 failed, 1 warning, 20 ok, 2 skipped` */
  summary({ failed, warning, ok, skipped }: Counts): string {
    const warnings = warning === 1 ? "1 warning" : `${warning} warnings`;
    const words = `${failed} failed, ${warnings}, ${ok} ok, ${skipped} skipped`;
    return `\n${this.#painted(words, failed > 0 ? colours.failed : warning > 0 ? colours.warning : colours.ok)}\n`;
  }

  #heading(group: Check["group"]): string {
    return `${group === groupNames[0] ? "" : "\n"}${this.#painted(group, BOLD)}\n`;
  }

  #painted(text: string, code: number): string {
    return this.#colour ? `\u001b[${code}m${text}\u001b[0m` : text;
  }
}
