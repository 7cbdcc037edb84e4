// What is hidden for the eye lies where its nearest positioned ancestor is. Where that is the document, the focus scrolls the page away with
// its bar, and nothing in the page brings it back: so whatever scrolls, and whatever hides an input, is positioned.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

const SRC = join(import.meta.dirname, "..");
const rules = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".css"))
  .flatMap((name) => {
    const css = readFileSync(join(SRC, name), "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
    return [...css.matchAll(/([^{};]+)\{([^{}]*)\}/g)].map(([, head = "", body = ""]) => ({ name: `${name}: ${head.trim()}`, body }));
  });
const isPlaced = ({ body }: { body: string }) => /(?:^|[\s;])position:\s*(?:relative|fixed|absolute|sticky)/.test(body);

test("whatever scrolls is a place of its own", () => {
  const scrollers = rules.filter(({ body }) => /(?:^|[\s;])overflow(?:-[xy])?:\s*(?:auto|scroll)/.test(body));
  expect(scrollers.length).toBeGreaterThan(9);
  // React Aria places its lists that open by itself.
  expect(scrollers.filter((rule) => !isPlaced(rule)).map(({ name }) => name)).toEqual(["kit/theme.css: .popover"]);
});

test("what stands for a hidden input is its place, and so is the page's frame", () => {
  const places = rules.filter(isPlaced).map(({ name }) => name);
  expect(places).toEqual(expect.arrayContaining(["kit/choices.css: .switch", "kit/choices.css: .check", "kit/theme.css: .frame"]));
});
