// One thing has one name: what English calls the desk is "der Support" in German, whoever translated it.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const PAGES = ["later", "newer", "team"].map((part) => `src/pages/locales/${part}.de.po`);

test.each(["src/locales/de.po", "src/admin/locales/de.po", ...PAGES])("%s has one word for the desk, and one for all of its administrators", (catalog) => {
  const lines = readFileSync(catalog, "utf8").split("\n");
  expect(lines.filter((line) => line.startsWith("msgstr") && /\b(Desks?|Administration)\b/.test(line))).toEqual([]);
});
