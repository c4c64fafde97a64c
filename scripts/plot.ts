import { logger, parse, View, Warn } from "vega";
import { type Config, compile, type TopLevelSpec } from "vega-lite";

const INK = "#1f2328";
const text = { labelColor: INK, labelFontSize: 13, titleColor: INK, titleFontSize: 13 };

/** How every plot looks. The background is white, so that a plot can be read on a dark page as well. */
const config: Config = {
  aria: false,
  background: "#ffffff",
  font: "sans-serif",
  padding: 12,
  view: { stroke: null },
  title: { anchor: "start", color: INK, fontSize: 15, subtitleColor: INK, subtitleFontSize: 13, offset: 14 },
  axis: {
    ...text,
    domain: false,
    grid: true,
    gridColor: "#d8dee4",
    labelFlush: false,
    labelPadding: 6,
    ticks: false,
    titleFontWeight: "normal",
    titlePadding: 10,
  },
  legend: { ...text, labelLimit: 0, offset: 12, orient: "bottom", symbolSize: 400, symbolStrokeWidth: 3 },
};

/** After a warning, Vega goes on and leaves something out of the picture. Here a warning is an error. */
const strict = logger(Warn, "error", (_method, _level, words) => {
  const cause = words.find((word) => word instanceof Error);
  throw cause ?? new Error(`draw a plot: ${words.join(" ")}`);
});

/** The attributes that place a mark. A screen cannot show more of their digits than one after the point. */
const PLACES = / (?:d|transform|x2|y2)="[^"]*"/g;
const LONG_FRACTION = /-?\d+\.\d{2,}/g;

/**
 * Draws a plot without a browser.
 * @param spec A Vega-Lite specification that holds its data: https://vega.github.io/vega-lite/docs/spec.html
 * @returns An SVG document, an element a line. The same specification always gives the same bytes.
 * @throws Error when Vega or Vega-Lite warns.
 */
export async function svgOf(spec: TopLevelSpec): Promise<string> {
  const view = new View(parse(compile(spec, { config, logger: strict }).spec), { logger: strict });
  const svg = await view.toSVG();
  view.finalize();
  return `${svg.replaceAll(PLACES, rounded).replaceAll("><", ">\n<")}\n`;
}

function rounded(place: string): string {
  return place.replaceAll(LONG_FRACTION, (number) => `${Math.round(Number(number) * 10) / 10}`);
}
