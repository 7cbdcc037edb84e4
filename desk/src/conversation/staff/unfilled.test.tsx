// What is said before a reply is sent follows the text as it stands.
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test, vi } from "vitest";

const replies = { entries: { a: { name: "A", text: "Your {order} and {company}" } } };
vi.mock("./documents.ts", () => ({ useStaffDocument: () => ({ data: replies }) }));
vi.mock("../../kit/controls.tsx", () => ({ Button: () => "leave" }));
vi.mock("../../offline/NeedsDesk.tsx", () => ({ DeskButton: () => "anyway" }));
vi.mock("@lingui/react", () => ({
  useLingui: () => ({ i18n: { locale: "en", _: () => "said" }, _: () => "said" }),
  Trans: ({ values }: { values?: Record<string, string> }) => JSON.stringify(values ?? {}),
}));
const { Unfilled } = await import("./Unfilled.tsx");

const shown = (text: string, label?: string) => renderToStaticMarkup(<Unfilled text={text} label={label} onAnyway={() => undefined} onLeave={() => undefined} />);

test("it names what is missing now, and not what was missing when somebody was asked", () => {
  expect(shown("Your {order} and {company}")).toContain("{order} and {company}");
  const later = shown("Your printer and {company}");
  expect(later).toContain("{company}");
  expect(later).not.toContain("{order}");
});

test("once nothing is missing, only what was to be done beside the text is still said", () => {
  expect(shown("Your printer and we")).toBe("");
  const acts = shown("Your printer and we", "Thanks: TKT-00000001");
  expect(acts).toContain("Thanks: TKT-00000001");
  expect(acts).not.toContain("anyway");
});
