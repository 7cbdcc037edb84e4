// Taking somebody off the team revokes their keys for good: it is pressed by itself alone.
import type { ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import type { StaffMember } from "sealdesk/views";
import { expect, test, vi } from "vitest";

import { goes } from "../kit/go.ts";

const HELD = { assigned: [], helps: [], appointed: [], keys: 1, granted: 0, admits: [] };
vi.mock("@tanstack/react-query", () => ({ useQuery: () => ({ data: HELD, error: null }), useMutation: () => ({ isPending: false, error: null }), QueryClient: class {} }));
vi.mock("../door.ts", () => ({ door: {} }));
const children = ({ children }: { children?: ReactNode }) => children;
vi.mock("react-aria-components", () => ({ Dialog: children, Heading: children, Modal: children, ModalOverlay: children, Checkbox: children, CheckboxGroup: children, Label: children }));
const button = ({ kind = "normal", children }: { kind?: string; children?: ReactNode }) => <button className={`button ${kind}`}>{children}</button>;
vi.mock("../kit/controls.tsx", () => ({ Button: button, Field: () => null }));
vi.mock("../offline/NeedsDesk.tsx", () => ({ DeskEnd: button, DeskButton: button, useReaching: () => undefined }));
vi.mock("../kit/Choices.tsx", () => ({ Choices: () => null }));
vi.mock("../kit/Problem.tsx", () => ({ Problem: () => null }));
vi.mock("../people/NoteLine.tsx", () => ({ NoteLine: () => null }));
vi.mock("../people/names.tsx", () => ({ useNames: () => (address: string) => address }));
vi.mock("./HandOver.tsx", () => ({ useReceivers: () => [], usePassedSteps: () => [] }));
vi.mock("./Going.tsx", () => ({ Going: () => null }));
vi.mock("./Steps.tsx", () => ({ Steps: () => null }));
vi.mock("./asked.ts", () => ({ adminKeys: { held: () => ["held"] }, changed: () => undefined }));
vi.mock("./waiting.ts", () => ({ setWaits: () => undefined }));
vi.mock("@lingui/react", () => ({ useLingui: () => ({ i18n: { _: () => "said" }, _: () => "said" }), Trans: ({ message }: { message?: string }) => message ?? "said", Plural: () => "said" }));
const { Leave } = await import("./Leave.tsx");

const press = { key: "Enter", code: "Enter", ctrlKey: true, metaKey: false, altKey: false, shiftKey: false, isComposing: false, repeat: false, preventDefault() {}, stopPropagation() {} };

test("Ctrl+Enter takes nobody off the team, though nothing has to be chosen first", () => {
  const member = { address: "ben", role: "support_agent", former: false } as unknown as StaffMember;
  const shown = renderToStaticMarkup(<Leave member={member} roster={[member]} onClose={() => undefined} />);
  expect(shown).toContain('class="button grave"');
  const click = vi.fn();
  // The dialog as a selector of its classes sees it.
  const querySelector = (selector: string) => (shown.includes(selector.split(":")[0]!.slice(1).replaceAll(".", " ")) ? { click } : null);
  expect(goes(press, { querySelector: querySelector as unknown as ParentNode["querySelector"] }, false)).toBe(false);
  expect(click).not.toHaveBeenCalled();
});
