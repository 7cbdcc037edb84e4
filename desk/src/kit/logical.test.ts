// A page that is read from the right is the same page, and one with larger letters, too: no style and no component names a side of its own,
// or how many pixels a letter has.
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const SIDES = [
  /(?:^|[\s;{"'])(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right)\b/,
  /(?:^|[\s;{])(?:left|right)\s*:/,
  /\b(?:float|clear|text-align|caption-side)\s*:\s*["']?(?:left|right)\b/,
  /\bborder-(?:top|bottom)-(?:left|right)-radius\b/,
  /\b(?:margin|padding|border|borderTop|borderBottom)(?:Left|Right)\b/,
];
/** Four values: top, right, bottom, left. The second and the last are equal, or there is a side. */
const FOUR = /\b(?:margin|padding|inset)\s*:\s*([^\s;]+)\s+([^\s;]+)\s+([^\s;]+)\s+([^\s;]+)\s*[;}]/g;

const found = (text: string): string[] => [
  ...SIDES.flatMap((side) => side.exec(text)?.[0] ?? []),
  ...[...text.matchAll(FOUR)].filter(([, , end, , start]) => end !== start).map(([whole]) => whole),
];

const SOURCE = new URL("..", import.meta.url);
const files = readdirSync(SOURCE, { recursive: true, encoding: "utf8" }).filter((name) => /\.(css|tsx)$/.test(name) && !name.includes(".test."));

test("no style names left or right", () => {
  expect(files.length).toBeGreaterThan(20);
  for (const name of files) expect(found(readFileSync(new URL(name, SOURCE), "utf8")), name).toEqual([]);
});

test("text is as large as the browser is told to have it", () => {
  for (const name of files) expect(readFileSync(new URL(name, SOURCE), "utf8"), name).not.toMatch(/(?:font-size\s*:\s*|fontSize:\s*["']?|[\s;{]font\s*:[^;]*)\d+(?:\.\d+)?px/);
});

test("the judge of that is not blind", () => {
  for (const bad of ["a { margin-left: 1px; }", "a { left: 0; }", "a{float:right}", "a { padding: 0 1px 2px 3px; }", "style={{ paddingLeft: 2 }}", "a { text-align: left; }"]) {
    expect(found(bad), bad).toHaveLength(1);
  }
  expect(found("a { padding: 0 1px 2px 1px; margin-inline-start: 4px; inset: 0 auto 2px auto; }")).toEqual([]);
});
