// A ticket by a claim link: what stands on the page once somebody has asked for it, for as long as support does not give it to them.
import type { ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { beforeEach, expect, test, vi } from "vitest";

import type { Claimed } from "../../worker/caller.ts";

const CLAIMED: Claimed = { ticket: "TKT-00000001", subject: "A leak", text: "It leaks.", isAsked: false, isOver: false };
const dropClaim = vi.fn(async () => undefined);
const pressed = new Map<string, () => void>();
let waiting: Claimed | null = null;
const inbox = { own: [], closed: [], more: {} };
vi.mock("@tanstack/react-query", () => ({ useQuery: () => ({ data: waiting }), useMutation: () => ({ isPending: false, error: null }), QueryClient: class {} }));
vi.mock("../door.ts", () => ({ door: { dropClaim } }));
vi.mock("../queries.ts", () => ({ client: { invalidateQueries: async () => undefined }, keys: { claimed: ["claimed"] } }));
const button = ({ onPress, children }: { onPress(): void; children: ReactNode }) => {
  pressed.set(renderToStaticMarkup(children), onPress);
  return <button type="button">{children}</button>;
};
vi.mock("../kit/controls.tsx", () => ({ Button: button }));
vi.mock("../offline/NeedsDesk.tsx", () => ({ DeskEnd: button }));
vi.mock("../kit/Problem.tsx", () => ({ Problem: () => null }));
vi.mock("../kit/Said.tsx", () => ({ Said: () => null }));
vi.mock("../queue/Row.tsx", () => ({ useInbox: () => ({ data: inbox }), NoTickets: () => "Write the first ticket", Row: () => null }));
vi.mock("../search/Searching.tsx", () => ({ Searching: () => null }));
vi.mock("../conversation/told.tsx", () => ({ useTold: () => () => undefined }));
vi.mock("./claim.css", () => ({}));
vi.mock("@tanstack/react-router", () => ({ Link: () => null }));
vi.mock("@lingui/react", () => ({ useLingui: () => ({ i18n: { _: () => "said" }, _: () => "said" }), Trans: ({ message }: { message?: string }) => message ?? "said" }));
const { ClaimTicket } = await import("./ClaimTicket.tsx");
const { OwnTickets } = await import("../queue/OwnTickets.tsx");

beforeEach(() => {
  pressed.clear();
  dropClaim.mockClear();
});

test("the notice of a ticket that was asked for can be put away", () => {
  expect(renderToStaticMarkup(<ClaimTicket claimed={{ ...CLAIMED, isAsked: true }} />)).toContain("Asked for");
  pressed.get("Dismiss")?.();
  expect(dropClaim).toHaveBeenCalledOnce();
});

test("a list without tickets offers to write one, but while there is one to be made theirs", () => {
  const list = () => renderToStaticMarkup(<OwnTickets chosen={undefined} />);
  waiting = CLAIMED;
  expect(list()).toBe("");
  for (const one of [null, { ...CLAIMED, isAsked: true }, { ...CLAIMED, isOver: true }]) {
    waiting = one;
    expect(list()).toBe("Write the first ticket");
  }
});
