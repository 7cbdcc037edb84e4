// What somebody else published, beside what was typed: no letter in it turns what is compared.
import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";

import { Theirs, TheirsHere } from "./Theirs.tsx";

i18n.loadAndActivate({ locale: "en", messages: {} });
const shown = (theirs: string) => renderToStaticMarkup(<I18nProvider i18n={i18n}><TheirsHere value={{ zone: theirs }}><Theirs of="zone" /></TheirsHere></I18nProvider>);

test("a letter that turns others round is seen to stand there, in a line and in a text", () => {
  expect(shown("Europe/\u202eanneiV")).toContain("meanwhile: <bdi>Europe/\ufffdanneiV</bdi>");
  expect(shown("one\n\u202eowt")).toContain("<pre dir=\"auto\">one\n\ufffdowt</pre>");
  for (const text of ["a\u202eb", "a\u202db\nc"]) expect(shown(text)).not.toMatch(/[\u202d\u202e]/);
});

test("what was emptied is said to be", () => {
  expect(shown("")).toContain("emptied");
});
