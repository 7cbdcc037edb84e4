// Styles are loaded with the pages that need them, and stay: a class that two of those files style would look otherwise after another page.
import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";

import { expect, it } from "vitest";

const SRC = join(import.meta.dirname, "..");
const names = readdirSync(SRC, { recursive: true, encoding: "utf8" });
const read = (name: string) => readFileSync(join(SRC, name), "utf8");
/** What is loaded from the beginning is the same everywhere, and others may build on it. */
const late = names.filter((name) => name.endsWith(".css") && name !== join("kit", "theme.css"));

/** Every selector of a file, each by itself. */
function selectors(name: string): string[] {
  const css = read(name).replace(/\/\*[\s\S]*?\*\//g, "");
  const heads = [...css.matchAll(/([^{};]+)\{/g)].map(([, head]) => (head ?? "").trim()).filter((head) => !head.startsWith("@"));
  return heads.flatMap((head) => head.split(/,(?![^(]*\))/)).map((one) => one.trim());
}

const classes = (selector: string) => [...selector.matchAll(/\.([a-zA-Z][\w-]*)/g)].map(([, name]) => name ?? "");
/** Classes that a file styles wherever they stand, by one alone. */
const bare = (name: string) => new Set(selectors(name).flatMap((one) => /^\.([\w-]+)(?:::?[\w-]+|\[[^\]]*\])*$/.exec(one)?.[1] ?? []));
/** Parts whose styles are loaded with what is used of them, wherever that is. */
const SHARED = ["kit", "people"];
const themed = bare(join("kit", "theme.css"));

it("styles a class by itself in one file only", () => {
  const clashes = late.flatMap((file) =>
    late.filter((other) => other !== file).flatMap((other) => {
      // What the kit styles may be set otherwise inside something else, but not by itself.
      const there = file.startsWith(`kit${sep}`) ? bare(other) : new Set(selectors(other).flatMap(classes));
      return [...bare(file)].filter((name) => !themed.has(name) && there.has(name)).map((name) => `.${name}: ${file}, ${other}`);
    }),
  );
  expect(clashes).toEqual([]);
});

it("uses no class that the styles of another part of the page give a look", () => {
  const part = (name: string) => name.split(sep)[0];
  const clashes = names
    .filter((name) => name.endsWith(".tsx"))
    .flatMap((name) => {
      const used = new Set([...read(name).matchAll(/className=\{?["`]([^"`]*)/g)].flatMap(([, all]) => (all ?? "").split(/[\s${}]+/)));
      return late
        .filter((css) => part(css) !== part(name) && !SHARED.includes(part(css) ?? "") && !read(name).includes(`${css.split(sep).at(-1)}"`))
        .flatMap((css) => [...bare(css)].filter((one) => !themed.has(one) && used.has(one)).map((one) => `${name} uses .${one} of ${css}`));
    });
  expect(clashes).toEqual([]);
});

it("gives tables one head, by which columns of numbers and of acts are told apart", () => {
  const heads = names.filter((name) => name.endsWith(".tsx") && !name.endsWith(".test.tsx") && read(name).includes("<thead"));
  expect(heads).toEqual([join("kit", "TableHead.tsx")]);
});
