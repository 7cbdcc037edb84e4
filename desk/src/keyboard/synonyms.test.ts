// Whoever knows another desk finds commands by what they are called there, whatever language they read.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

import { SYNONYMS } from "./synonyms.ts";
import { SHORTCUTS } from "./table.ts";

const german = readFileSync("src/pages/locales/later.de.po", "utf8");
const inGerman = (message: string) => {
  const at = german.indexOf(`msgid ${JSON.stringify(message)}\n`);
  return /^msgstr "(.*)"$/m.exec(german.slice(at))?.[1] ?? "";
};

test.each([
  ["snooze", "snooze"],
  ["defer", "snooze"],
  ["unassign", "assign"],
  ["macro", "replies"],
  ["done", "resolve"],
  ["status", "admin health"],
  ["reports", "admin charts"],
  ["hours", "document office-hours"],
  ["sla", "document sla"],
] as const)("“%s” finds %s in both languages", (typed, id) => {
  const message = SYNONYMS[id]?.message ?? "";
  expect(message.toLowerCase()).toContain(typed);
  expect(inGerman(message).toLowerCase()).toContain(typed);
});

test("German readers find commands by German words", () => {
  for (const [typed, id] of [["vertagen", "snooze"], ["Zuweisung aufheben", "assign"], ["Makro", "replies"], ["erledigt", "resolve"], ["Berichte", "admin charts"], ["Öffnungszeiten", "document office-hours"]] as const) {
    expect(inGerman(SYNONYMS[id]?.message ?? ""), typed).toContain(typed);
  }
});

test("every command of the palette that has a name of its own elsewhere stands in the table", () => {
  const admin = ["people", "administrators", "keys", "rules", "documents", "health", "charts"].map((part) => `admin ${part}`);
  const documents = ["office-hours", "sla", "desk"].map((name) => `document ${name}`);
  const ids: readonly string[] = [...SHORTCUTS.filter((row) => !("hidden" in row)).map((row) => row.id), "replies", ...admin, ...documents];
  expect(Object.keys(SYNONYMS).filter((id) => !ids.includes(id))).toEqual([]);
});
