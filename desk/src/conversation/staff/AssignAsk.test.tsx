// Who helps with a ticket goes on helping, whatever the page knows of the team when somebody else gets it.
import { renderToStaticMarkup } from "react-dom/server";
import type { Conversation } from "sealdesk/views";
import { beforeEach, expect, test, vi } from "vitest";

let team: string[] | undefined;
let choose: (agent: string) => void = () => undefined;
const [assign, assignWith] = [vi.fn(), vi.fn()];
vi.mock("@tanstack/react-query", () => ({ useQuery: () => ({ data: team }), QueryClient: class {} }));
vi.mock("../../door.ts", () => ({ door: { assign, assignWith } }));
vi.mock("../../kit/choices.css", () => ({}));
vi.mock("../../kit/Ask.tsx", () => ({ Ask: ({ children }: { children: unknown }) => children, AskEnd: () => null }));
vi.mock("../../kit/Choices.tsx", () => ({
  Choices: ({ onChange }: { onChange(agent: string): void }) => {
    choose = onChange;
    return null;
  },
}));
vi.mock("react-aria-components", () => ({ Checkbox: () => null, CheckboxGroup: () => null, Label: () => null }));
vi.mock("../../people/names.tsx", () => ({ useNames: () => (address: string) => address }));
vi.mock("../../session/session.tsx", () => ({ useOpened: () => ({ address: "me" }) }));
vi.mock("@lingui/react", () => ({ useLingui: () => ({ i18n: { _: () => "said" }, _: () => "said" }), Trans: () => null }));
vi.mock("./doing.ts", () => ({ useGiven: () => undefined, useDo: () => ({ work }: { work(): void }) => (work(), true) }));
const { AssignAsk } = await import("./AssignAsk.tsx");

const opened = { ticket: { ticket_id: "TKT-00000001", assigned_to: "ben", collaborators: ["cleo", "dan"], customer_address: "kim" }, messages: [] } as unknown as Conversation;

function chooses(agent: string) {
  renderToStaticMarkup(<AssignAsk opened={opened} onClose={() => undefined} />);
  choose(agent);
}

beforeEach(() => {
  for (const mock of [assign, assignWith]) mock.mockReset();
});

test("a choice before the team is known takes nobody off", () => {
  team = undefined;
  chooses("me");
  expect(assignWith).toHaveBeenCalledExactlyOnceWith("TKT-00000001", "me", ["cleo", "dan"]);
  expect(assign).not.toHaveBeenCalled();
});

test("once it is known, whoever left it does not help any more, nor whoever has the ticket", () => {
  team = ["ben", "cleo"];
  chooses("me");
  expect(assignWith).toHaveBeenCalledExactlyOnceWith("TKT-00000001", "me", ["cleo"]);
  chooses("cleo");
  expect(assign).toHaveBeenCalledExactlyOnceWith("TKT-00000001", "cleo");
});
