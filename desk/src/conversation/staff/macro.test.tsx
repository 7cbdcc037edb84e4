// A macro answers and changes the ticket in one go, or does nothing.
import { renderToStaticMarkup } from "react-dom/server";
import type { Conversation } from "sealdesk/views";
import { beforeEach, expect, test, vi } from "vitest";

let isAway = false;
const toast = vi.fn();
const act = vi.fn(() => !isAway);
vi.mock("../../offline/reach.ts", () => ({ cannotReach: () => isAway, useAway: () => isAway }));
vi.mock("../../kit/toast.tsx", () => ({ useToast: () => toast }));
const assignWith = vi.fn();
vi.mock("../../door.ts", () => ({ door: { assignWith, read: async () => ({ ticket: { collaborators: ["cleo"] } }), members: async () => ["ben", "cleo"] } }));
vi.mock("../../session/session.tsx", () => ({ useOpened: () => ({ address: "me" }) }));
let role = "support_agent";
vi.mock("../../queue/role.ts", () => ({ useRole: () => ({ data: { role } }) }));
vi.mock("../../keyboard/actions.ts", () => ({ useAction: () => undefined, useCommands: () => undefined }));
vi.mock("@lingui/react", () => ({ useLingui: () => ({ i18n: { _: () => "said" }, _: () => "said" }), Trans: () => null }));
vi.mock("@tanstack/react-router", () => ({ useNavigate: () => () => undefined }));
vi.mock("./doing.ts", () => ({ useDo: () => act }));
vi.mock("./documents.ts", () => ({ useStaffDocument: () => ({}) }));
vi.mock("./facts.ts", () => ({ useFacts: () => ({ customer: "", ticket: "", agent: "", subject: "" }) }));
const { useMacro } = await import("./CannedMenu.tsx");

const opened = { ticket: { ticket_id: "TKT-00000001", assigned_to: "me", status: "in_progress", priority: "normal" }, messages: [] } as unknown as Conversation;
const MACRO = { id: "m", name: "Thanks", text: "Thank you.", takes: false, then: "resolve", reference: "", tags: "" } as unknown as Parameters<ReturnType<typeof useMacro>>[0];
const [onText, onSend] = [vi.fn(), vi.fn()];

/** Uses it as a component of the page does. */
function uses(typed: string, macro: Parameters<ReturnType<typeof useMacro>>[0] = MACRO, ticket: object = opened.ticket) {
  let use: ReturnType<typeof useMacro> | undefined;
  function Composer() {
    use = useMacro({ ...opened, ticket } as Conversation, onText, onSend);
    return null;
  }
  renderToStaticMarkup(<Composer />);
  use?.(macro, typed);
}

beforeEach(() => {
  for (const mock of [toast, onText, onSend]) mock.mockReset();
});

test("a macro puts its words behind what was typed and sends both", () => {
  isAway = false;
  uses("Hello.");
  expect(onText).toHaveBeenCalledExactlyOnceWith("Hello.\n\nThank you.");
  expect(onSend).toHaveBeenCalledOnce();
});

test("while the desk cannot be reached nothing of a macro is done: its words without its acts would be sent later", () => {
  isAway = true;
  uses("Hello.");
  uses("Hello.");
  expect(onText).not.toHaveBeenCalled();
  expect(onSend).not.toHaveBeenCalled();
  expect(toast).toHaveBeenCalledTimes(2);
});

test("a macro with which an administrator takes a ticket takes nobody off who helps with it", async () => {
  [isAway, role] = [false, "administrator"];
  uses("Hello.", { ...MACRO, takes: true }, { ...opened.ticket, assigned_to: "ben" });
  const [, , sent] = onSend.mock.calls[0] as [unknown, unknown, { before(): Promise<unknown> }];
  await sent.before();
  expect(assignWith).toHaveBeenCalledExactlyOnceWith("TKT-00000001", "me", ["cleo"]);
});
