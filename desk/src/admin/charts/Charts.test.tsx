// When charts were counted: a time of today, and a day with its time from another one.
import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test, vi } from "vitest";

vi.mock("../../door.ts", () => ({ door: {} }));
vi.mock("../../kit/Choices.tsx", () => ({ Choices: () => null }));
vi.mock("../../kit/controls.tsx", () => ({ Button: () => null }));
vi.mock("../../kit/Problem.tsx", () => ({ Problem: () => null }));
vi.mock("../asked.ts", () => ({ adminKeys: { charts: ["charts"] } }));
vi.mock("./collect.ts", () => ({}));
vi.mock("./TargetsMet.tsx", () => ({}));
vi.mock("./pictures.tsx", () => ({}));
vi.mock("./charts.css", () => ({}));
vi.stubGlobal("navigator", { languages: ["en"] });
i18n.loadAndActivate({ locale: "en", messages: {} });
const { Counted } = await import("./Charts.tsx");

const shown = (at: number) => renderToStaticMarkup(<I18nProvider i18n={i18n}><Counted at={at} isBusy={false} /></I18nProvider>);

test("it says at what time of today, and on what day before that", () => {
  expect(shown(Date.now())).toMatch(/Counted at \d/);
  expect(shown(new Date(2026, 10, 28, 14, 3).getTime())).toMatch(/Counted on Nov 28, 2026/);
});
