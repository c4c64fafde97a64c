/** A line plot as a small SVG. */
export interface Plot {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly lines: readonly Line[];
}

export interface Axis {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly number[];
  readonly isLogarithmic?: boolean;
}

export interface Line {
  readonly name: string;
  readonly color: string;
  readonly isDashed?: boolean;
  readonly points: readonly (readonly [x: number, y: number])[];
}

const WIDTH = 760;
const HEIGHT = 380;
const LINE_HEIGHT = 18;
const area = { left: 76, right: WIDTH - 32, top: 40, bottom: HEIGHT - 52 };
const GRID = "#d8dee4";
const INK = "#1f2328";

export function svgOf(plot: Plot): string {
  const legend = area.bottom + 58;
  const height = legend + Math.ceil(plot.lines.length / 2) * LINE_HEIGHT;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="13" fill="${INK}">`,
    `<title>${escaped(plot.title)}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `<text x="${area.left}" y="22" font-size="14" font-weight="bold">${escaped(plot.title)}</text>`,
    ...plot.x.ticks.flatMap((tick) => xTick(plot.x, tick)),
    ...plot.y.ticks.flatMap((tick) => yTick(plot.y, tick)),
    `<text x="${(area.left + area.right) / 2}" y="${area.bottom + 36}" text-anchor="middle">${escaped(plot.x.label)}</text>`,
    `<text transform="translate(18 ${(area.top + area.bottom) / 2}) rotate(-90)" text-anchor="middle">${escaped(plot.y.label)}</text>`,
    ...plot.lines.map((line) => path(plot, line)),
    ...plot.lines.flatMap((line, index) => legendEntry(line, index, legend)),
    "</svg>\n",
  ].join("\n");
}

function xTick(axis: Axis, tick: number): string[] {
  const x = xOf(axis, tick);
  return [
    `<path d="M${x} ${area.top}V${area.bottom}" stroke="${GRID}"/>`,
    `<text x="${x}" y="${area.bottom + 17}" text-anchor="middle">${tick.toLocaleString("en-US")}</text>`,
  ];
}

function yTick(axis: Axis, tick: number): string[] {
  const y = yOf(axis, tick);
  return [
    `<path d="M${area.left} ${y}H${area.right}" stroke="${GRID}"/>`,
    `<text x="${area.left - 7}" y="${y + 4}" text-anchor="end">${tick.toLocaleString("en-US")}</text>`,
  ];
}

function path(plot: Plot, { points, color, isDashed = false }: Line): string {
  const steps = points.map(([x, y]) => `${xOf(plot.x, x)} ${yOf(plot.y, y)}`);
  const dashes = isDashed ? ' stroke-dasharray="6 5"' : "";
  return `<path d="M${steps.join("L")}" fill="none" stroke="${color}" stroke-width="1.8" stroke-linejoin="round"${dashes}/>`;
}

/** Two entries a row. */
function legendEntry({ name, color, isDashed = false }: Line, index: number, top: number): string[] {
  const x = area.left + (index % 2) * ((area.right - area.left) / 2);
  const y = top + Math.floor(index / 2) * LINE_HEIGHT;
  const dashes = isDashed ? ' stroke-dasharray="6 5"' : "";
  return [
    `<path d="M${x} ${y}h26" stroke="${color}" stroke-width="2.5"${dashes}/>`,
    `<text x="${x + 33}" y="${y + 4}">${escaped(name)}</text>`,
  ];
}

function xOf(axis: Axis, value: number): number {
  return rounded(area.left + shareOf(axis, value) * (area.right - area.left));
}

function yOf(axis: Axis, value: number): number {
  return rounded(area.bottom - shareOf(axis, value) * (area.bottom - area.top));
}

/** Where on the axis, 0 to 1; what lies outside goes to its end. */
function shareOf({ from, to, isLogarithmic = false }: Axis, value: number): number {
  const share = isLogarithmic
    ? Math.log(Math.max(value, from) / from) / Math.log(to / from)
    : (value - from) / (to - from);
  return Math.min(1, Math.max(0, share));
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
