// What one part of the page fetches late styles all of the page from then on: a class that two files mean differently breaks a page that was
// whole before.
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const SOURCE = new URL("..", import.meta.url);
const styles = readdirSync(SOURCE, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".css"));

/** What is there on every page from the beginning: parts build on it. */
const KIT = "kit/theme.css";

/** Classes that a file styles by themselves, whatever they stand in. */
const alone = (css: string): string[] =>
  [...css.replace(/\/\*.*?\*\//gs, "").matchAll(/(?:^|[{},;])\s*\.([\w-]+)\s*(?=[,{])/gm)].map(([, name]) => name ?? "");

test("each class has its meaning in one file alone", () => {
  const files = new Map<string, Set<string>>();
  for (const file of styles.filter((name) => name !== KIT)) {
    for (const name of alone(readFileSync(new URL(file, SOURCE), "utf8"))) files.set(name, (files.get(name) ?? new Set()).add(file));
  }
  expect(styles.length).toBeGreaterThan(5);
  expect([...files].filter(([, all]) => all.size > 1).map(([name, all]) => `.${name}: ${[...all].join(", ")}`)).toEqual([]);
});
