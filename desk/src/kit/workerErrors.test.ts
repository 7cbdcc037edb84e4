// What goes wrong in this browser has words in each of the page's languages.
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

import { WORDS } from "./workerErrors.ts";

/** What is not shown in such words: what another part of the page asks after, and what the node or the module said itself. */
const UNSHOWN = ['throw new Error(fault)', "throw new Error(typeof said", "throw new Error(`status ${answer.status}`)"];

test("every kind of fault in the worker has words in German", () => {
  const german = readFileSync("src/pages/locales/later.de.po", "utf8");
  for (const [kind, { message }] of Object.entries(WORDS)) {
    const [, words] = german.split(`msgid "${message}"\nmsgstr "`);
    expect(words, kind).toMatch(/^[^"]/);
  }
});

test("no part of the worker fails with English words alone", () => {
  const files = readdirSync("worker").map((name) => `worker/${name}`);
  const lines = files.flatMap((file) => readFileSync(file, "utf8").split("\n").map((line) => `${file}: ${line.trim()}`));
  expect(lines.filter((line) => line.includes("new Error(") && !UNSHOWN.some((known) => line.includes(known)))).toEqual([]);
});
