// A macro of whose author nothing proves that they are staff is read before it is used: as what it is.
import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import type { ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test, vi } from "vitest";

import type { Macro } from "./canned.ts";

vi.mock("../../kit/Ask.tsx", () => ({ Ask: ({ title, children }: { title: ReactNode; children: ReactNode }) => [title, children], AskEnd: () => null }));
vi.mock("../Warned.tsx", () => ({ Warned: () => null }));
i18n.loadAndActivate({ locale: "en", messages: {} });
const { default: MacroAsk } = await import("./MacroAsk.tsx");

test("no letter of it turns the others round", () => {
  const macro = { id: "m", name: "Pay \u202eowt", text: "Pay \u202ddna", takes: false, then: "nothing", priority: "", tags: "" } as unknown as Macro;
  const shown = renderToStaticMarkup(<I18nProvider i18n={i18n}><MacroAsk macro={macro} warned={[]} onUse={() => undefined} onClose={() => undefined} /></I18nProvider>);
  expect(shown).toContain("Pay \ufffdowt");
  expect(shown).toContain("Pay \ufffddna");
});
