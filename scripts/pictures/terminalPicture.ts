/** How a terminal shows a run of text: the SGR codes (ECMA-48) that were in force. */
interface Style {
  readonly bold: boolean;
  readonly dim: boolean;
  /** One of the 16 colors, 0 to 15; undefined is the terminal's own. */
  readonly color?: number;
}

interface Run {
  readonly text: string;
  readonly style: Style;
}

const plain: Style = { bold: false, dim: false };

/** Colors that can be read on the dark background, from the palette of GitHub's dark theme. */
const colors = [
  ..."#484f58 #ff7b72 #3fb950 #d29922 #58a6ff #bc8cff #39c5cf #b1bac4".split(" "),
  ..."#6e7681 #ffa198 #56d364 #e3b341 #79c0ff #d2a8ff #56d4dd #f0f6fc".split(" "),
];
const INK = "#e6edf3";
const BACKGROUND = "#0d1117";

/** In px. The characters' width is set by `textLength`, so that any monospaced font keeps the columns. */
const FONT = 13;
const WIDTH = 7.8;
const HEIGHT = 18;
const PADDING = 16;

/**
 * Draws what a terminal of this many columns shows after this output. Knows text, line ends, SGR colors (16), bold, dim
 * and lines that are written over after a carriage return. @throws for any other control sequence.
 */
export function terminalPicture(output: string, title: string, columns: number): string {
  const lines = shown(output).flatMap((line) => wrapped(runsOf(line), columns));
  const [width, height] = [2 * PADDING + columns * WIDTH, 2 * PADDING + lines.length * HEIGHT];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" rx="6" fill="${BACKGROUND}"/>`,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="${FONT}" fill="${INK}" xml:space="preserve">`,
    ...lines.map((runs, row) => drawn(runs, PADDING + row * HEIGHT + FONT)),
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

/** The lines that are left to see: of what was written over, the last. */
function shown(output: string): string[] {
  const lines = output.replace(/\r+\n/g, "\n").trimEnd().split("\n");
  return lines.map(
    (line) => line.replaceAll("\x1b[2K", "").replaceAll("\x1b[K", "").split("\r").at(-1) ?? "",
  );
}

function runsOf(line: string): Run[] {
  const [start = "", ...sequences] = line.split("\x1b[");
  const runs: Run[] = [{ text: printable(start), style: plain }];
  let style = plain;
  for (const sequence of sequences) {
    const [, codes, text = ""] = /^([\d;]*)m(.*)$/.exec(sequence) ?? [];
    if (codes === undefined) throw new Error(`draw ${JSON.stringify(line)}: a control sequence is not known`);
    style = codes.split(";").reduce(restyled, style);
    runs.push({ text: printable(text), style });
  }
  return runs;
}

function printable(text: string): string {
  if (/[^\x20-\x7e\u00a0-\uffff]/.test(text))
    throw new Error(`draw ${JSON.stringify(text)}: a control character`);
  return text;
}

function restyled(style: Style, code: string): Style {
  const value = Number(code || "0");
  if (value === 0) return plain;
  if (value === 1) return { ...style, bold: true };
  if (value === 2) return { ...style, dim: true };
  if (value === 22) return { ...style, bold: false, dim: false };
  if (value === 39) return { bold: style.bold, dim: style.dim };
  if (value >= 30 && value <= 37) return { ...style, color: value - 30 };
  if (value >= 90 && value <= 97) return { ...style, color: value - 82 };
  throw new Error(`draw SGR code ${code}: not known`);
}

/** Breaks a line as a terminal does: after the last column. */
function wrapped(runs: readonly Run[], columns: number): Run[][] {
  const lines: Run[][] = [[]];
  let left = columns;
  for (const { text, style } of runs) {
    for (let rest = text; rest !== ""; ) {
      if (left === 0) {
        lines.push([]);
        left = columns;
      }
      lines.at(-1)?.push({ text: rest.slice(0, left), style });
      const taken = Math.min(left, rest.length);
      left -= taken;
      rest = rest.slice(taken);
    }
  }
  return lines;
}

function drawn(runs: readonly Run[], y: number): string {
  let column = 0;
  const spans = runs.map(({ text, style }) => {
    const x = PADDING + column * WIDTH;
    column += text.length;
    return `<text x="${round(x)}" y="${y}" textLength="${round(text.length * WIDTH)}"${attributes(style)}>${escaped(text)}</text>`;
  });
  return spans.join("");
}

function attributes({ bold, dim, color }: Style): string {
  const fill = color === undefined ? "" : ` fill="${colors[color]}"`;
  return `${fill}${bold ? ' font-weight="bold"' : ""}${dim ? ' opacity="0.65"' : ""}`;
}

const round = (px: number) => Math.round(px * 10) / 10;

const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
