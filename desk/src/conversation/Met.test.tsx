// Who wrote meanwhile: names that customers chose turn nothing around them.
import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import type { ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test, vi } from "vitest";

import type { Entry } from "./outbox.ts";

vi.mock("../keyboard/Keys.tsx", () => ({ useKeys: () => undefined, Keys: () => null }));
const children = ({ children }: { children?: ReactNode }) => children;
vi.mock("../kit/controls.tsx", () => ({ Button: children }));
vi.mock("../offline/NeedsDesk.tsx", () => ({ DeskButton: children }));
vi.mock("@tanstack/react-router", () => ({ Link: children }));
vi.mock("../people/names.tsx", () => ({ useNames: () => (address: string) => ({ ann: "Ann", dan: "\u05d3\u05df" })[address] }));
vi.mock("./outboxTimer.ts", () => ({ outbox: {} }));
i18n.loadAndActivate({ locale: "en", messages: {} });
const { default: Met } = await import("./Met.tsx");

test("each name stands by itself, in a sentence that is one message", () => {
  const met = [{ by: "ann", isStaff: false }, { by: "dan", isStaff: false }];
  const shown = renderToStaticMarkup(<I18nProvider i18n={i18n}><Met entry={{ id: 1, ticket: "TKT-00000001", label: "Resolving", met } as unknown as Entry} /></I18nProvider>);
  expect(shown).toContain("<bdi>Ann</bdi> and <bdi>\u05d3\u05df</bdi> wrote meanwhile. Nothing was sent yet.");
});
