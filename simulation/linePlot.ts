import type { TopLevelSpec } from "vega-lite";

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Line {
  readonly name: string;
  readonly color: string;
  readonly points: readonly Point[];
}

/** What is said of an axis, in Vega-Lite's words. */
export interface Axis {
  readonly title: string;
  readonly scale?: { readonly type: "log" | "symlog"; readonly domain?: number[] };
  readonly axis?: { readonly values?: number[]; readonly tickCount?: number };
}

export interface LinePlot {
  readonly title: string;
  readonly subtitle: string;
  readonly x: Axis;
  readonly y: Axis;
  /** The first one is drawn on top of the others. */
  readonly lines: readonly Line[];
  /** A dashed line across the plot. */
  readonly limit?: undefined | { readonly name: string; readonly y: number };
  /** A shaded part of the x axis. */
  readonly shade?: { readonly name: string; readonly from: number; readonly to: number };
}

const GREY = "#57606a";

type Layer = Extract<TopLevelSpec, { layer: unknown }>["layer"][number];

/** The Vega-Lite specification of a line plot, 760 pixels wide. */
export function specOf({ title, subtitle, x, y, lines, limit, shade }: LinePlot): TopLevelSpec {
  return {
    width: 760,
    height: 440,
    autosize: { type: "fit", contains: "padding" },
    title: { text: title, subtitle },
    // A mark is drawn once for each row: this is the row of the marks that need no data.
    data: { values: [{}] },
    layer: [
      ...(shade === undefined ? [] : shadeLayers(shade)),
      linesLayer({ x, y, lines, limit }),
      ...(limit === undefined ? [] : [limitLayer(limit)]),
    ],
  };
}

function linesLayer({ x, y, lines, limit }: Pick<LinePlot, "x" | "y" | "lines" | "limit">): Layer {
  const named = [...lines, ...(limit === undefined ? [] : [{ name: limit.name, color: GREY }])];
  const domain = named.map(({ name }) => name);
  const dashes = domain.map((name) => (name === limit?.name ? [6, 5] : [1, 0]));
  const range = named.map(({ color }) => color);
  const legend = { title: null, columns: 2 };
  const rows = lines.toReversed().flatMap(({ name, points }) => points.map((point) => ({ name, ...point })));
  return {
    data: { values: rows },
    mark: { type: "line", strokeWidth: 2, strokeJoin: "round" },
    encoding: {
      x: { field: "x", type: "quantitative", ...x },
      y: { field: "y", type: "quantitative", ...y },
      color: { field: "name", type: "nominal", legend, scale: { domain, range } },
      strokeDash: { field: "name", type: "nominal", legend, scale: { domain, range: dashes } },
    },
  };
}

function limitLayer({ name, y }: NonNullable<LinePlot["limit"]>): Layer {
  return {
    mark: { type: "rule", strokeWidth: 2 },
    encoding: { y: { datum: y }, color: { datum: name }, strokeDash: { datum: name } },
  };
}

function shadeLayers({ name, from, to }: NonNullable<LinePlot["shade"]>): Layer[] {
  return [
    {
      mark: { type: "rect", color: GREY, opacity: 0.1 },
      encoding: { x: { datum: from }, x2: { datum: to } },
    },
    {
      mark: { type: "text", color: GREY, fontSize: 13, baseline: "top" },
      encoding: { x: { datum: (from + to) / 2 }, y: { value: 8 }, text: { value: name } },
    },
  ];
}
