// One thing has one name: what English calls the desk is "der Support" in German, whoever translated it.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

test.each(["src/locales/de.po", "src/admin/locales/de.po"])("%s has one word for the desk", (catalog) => {
  const lines = readFileSync(catalog, "utf8").split("\n");
  expect(lines.filter((line) => line.startsWith("msgstr") && /\bDesks?\b/.test(line))).toEqual([]);
});
