// Where the first steps cannot be looked up, something else stands in their place.
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test, vi } from "vitest";

let limits: object = {};
vi.mock("@tanstack/react-query", () => ({ useQuery: ({ queryKey: [what] }: { queryKey: string[] }) => (what === "limits" ? limits : { data: { documents: [] }, isError: false }) }));
vi.mock("./asked.ts", () => ({ adminKeys: { documents: ["documents"], limits: ["limits"] }, useRoster: () => ({ data: [{}], isError: false }) }));
vi.mock("./firstSteps.ts", () => ({ useLooked: () => [] }));
vi.mock("../door.ts", () => ({ door: {} }));
vi.mock("./admin.css", () => ({}));
vi.mock("@lingui/react", () => ({ useLingui: () => ({ i18n: { _: (id: string) => id }, _: (id: string) => id }), Trans: () => "said" }));
vi.mock("@tanstack/react-router", () => ({ Link: () => "link" }));
const { default: FirstSteps } = await import("./FirstSteps.tsx");

const shown = () => renderToStaticMarkup(<FirstSteps otherwise={<b>Matching tickets appear automatically.</b>} />);

test("while they are looked up nothing stands there, and what is said of an empty list where that fails", () => {
  limits = { data: undefined, isError: false };
  expect(shown()).toBe("");
  limits = { data: undefined, isError: true };
  expect(shown()).toContain("Matching tickets");
  limits = { data: { open_queue: false }, isError: false };
  expect(shown()).toContain("link");
});
