// A drawing by uPlot, in the colours of the page.
import { useSyncExternalStore } from "react";
import type uPlot from "uplot";

export type Colour = "one" | "two" | "three" | "four" | "five" | "goal";

export interface Line {
  label: string;
  colour: Colour;
  values: (number | null)[];
  isDashed?: boolean;
  /** Filled down to the line before it, which lies below. */
  isArea?: boolean;
}

export interface Drawing {
  /** Unix seconds. */
  at: number[];
  lines: Line[];
  /** Pairs of lines between which it is filled, by their places from 0. */
  bands?: [number, number, Colour][];
  /** Single values that lie beside the lines. */
  dots?: { at: number; value: number }[];
  /** What stands at the side, for a value. */
  words(value: number): string;
  day(at: number): string;
  least?: number;
  most?: number;
  /** What is counted at the side: pieces, or seconds. */
  counts?: "pieces" | "seconds";
}

const HEIGHT = 240;
/** Steps of the axis at the side. */
const STEPS = {
  pieces: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000],
  // A minute to a hundred days.
  seconds: [1, 2, 5, 10, 20, 30, 60, 120, 240, 360, 720, 1_440, 2_880, 7_200, 14_400, 28_800, 72_000, 144_000].map((minutes) => minutes * 60),
};
const schemes = matchMedia("(prefers-color-scheme: dark)");
const forced = matchMedia("(forced-colors: active)");

/** Changes with the colours of the page. */
export function useTheme(): string {
  return useSyncExternalStore(
    (changed) => {
      for (const query of [schemes, forced]) query.addEventListener("change", changed);
      return () => {
        for (const query of [schemes, forced]) query.removeEventListener("change", changed);
      };
    },
    () => `${schemes.matches} ${forced.matches}`,
  );
}

/** A colour of the style sheet as a canvas takes it. */
function colourOf(place: HTMLElement, name: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(--${name})`;
  place.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

export async function draw(place: HTMLElement, drawing: Drawing): Promise<uPlot> {
  const [{ default: Plot }] = await Promise.all([import("uplot"), import("uplot/dist/uPlot.min.css")]);
  const colour = (name: Colour) => colourOf(place, `chart-${name}`);
  const faint = (name: Colour) => colourOf(place, `chart-${name}-faint`);
  const [text, line] = [colourOf(place, "quiet"), colourOf(place, "line")];
  const axis: uPlot.Axis = { stroke: text, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 }, font: "12px system-ui, sans-serif" };
  const isPoint = drawing.at.length < 30;
  const series = drawing.lines.map((one): uPlot.Series => ({
    label: one.label,
    stroke: colour(one.colour),
    width: one.colour === "goal" ? 1 : 2,
    spanGaps: true,
    ...(one.isDashed ? { dash: [6, 4] } : {}),
    ...(one.isArea ? { fill: faint(one.colour) } : {}),
    points: { show: isPoint && drawing.counts !== "pieces" && one.colour !== "goal", size: 6 },
  }));
  const options: uPlot.Options = {
    width: place.clientWidth,
    height: HEIGHT,
    padding: [12, 32, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: false }, y: { range: (_, least, most) => range(drawing, least, most) } },
    axes: [
      { ...axis, values: (_, at) => at.map((one) => drawing.day(one)), splits: () => shownDays(drawing.at, place.clientWidth) },
      { ...axis, ...(drawing.counts ? { incrs: STEPS[drawing.counts] } : {}), values: (_, values) => values.map((value) => drawing.words(value)), size: 64 },
    ],
    series: [{}, ...series],
    bands: (drawing.bands ?? []).map(([above, below, name]) => ({ series: [above + 1, below + 1], fill: faint(name) })),
    hooks: { draw: [(plot) => drawDots(plot, drawing, colour("one"))] },
  };
  return new Plot(options, [drawing.at, ...drawing.lines.map(({ values }) => values)] as uPlot.AlignedData, place);
}

function range({ least = 0, most }: Drawing, _: number | null, found: number | null): [number, number] {
  return [least, most ?? Math.max(found ?? 0, least + 1) * 1.08];
}

/** As many days as there is room for. */
function shownDays(at: number[], width: number): number[] {
  const every = Math.max(1, Math.ceil(at.length / Math.max(2, Math.floor(width / 90))));
  return at.filter((_, n) => (at.length - 1 - n) % every === 0);
}

function drawDots(plot: uPlot, { dots = [] }: Drawing, colour: string): void {
  const { ctx } = plot;
  ctx.save();
  ctx.fillStyle = colour;
  ctx.globalAlpha = 0.45;
  for (const { at, value } of dots) {
    ctx.beginPath();
    ctx.arc(plot.valToPos(at, "x", true), plot.valToPos(value, "y", true), 2 * devicePixelRatio, 0, 2 * Math.PI);
    ctx.fill();
  }
  ctx.restore();
}
