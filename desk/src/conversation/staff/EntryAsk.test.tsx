// Two versions of a canned reply, to be compared as they are read.
import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test, vi } from "vitest";

vi.mock("../../door.ts", () => ({ door: {}, DeskError: class {} }));
vi.mock("../../kit/Ask.tsx", () => ({ Ask: () => null }));
vi.mock("../../kit/choices.css", () => ({}));
vi.mock("../../kit/Choices.tsx", () => ({ Choices: () => null }));
vi.mock("../../kit/controls.tsx", () => ({ Button: () => null, Field: () => null }));
vi.mock("../../kit/Problem.tsx", () => ({ Problem: () => null }));
vi.mock("../../offline/NeedsDesk.tsx", () => ({ DeskEnd: () => null, useReaching: () => undefined }));
vi.mock("../../admin/formDrafts.ts", () => ({ useTyped: () => undefined }));
vi.mock("../told.tsx", () => ({ useTold: () => undefined }));
vi.mock("./documents.ts", () => ({ newName: () => "", saveEntry: () => undefined }));
vi.mock("react-aria-components", () => ({ Checkbox: () => null }));
i18n.loadAndActivate({ locale: "en", messages: {} });
const { Version } = await import("./EntryAsk.tsx");

test("no letter of a version turns the others round", () => {
  const value = { name: "Thanks", text: "Pay \u202eowt ecno" };
  const shown = renderToStaticMarkup(<I18nProvider i18n={i18n}><Version of="replies" fields={["name", "text"]} value={value} /></I18nProvider>);
  expect(shown).toContain("Pay \ufffdowt ecno");
  expect(shown).not.toContain("\u202e");
});
