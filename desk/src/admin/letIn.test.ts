// What the worker does for somebody whose key came later.
import type { Standing } from "sealdesk/views";
import { beforeEach, expect, test, vi } from "vitest";

import type { Session } from "../../worker/session.ts";

vi.mock("sealdesk", () => ({ Desk: { nameFault: (name: string) => (name === "" ? "a name is empty" : undefined) } }));
const { admin } = await import("../../worker/admin.ts");

let standing: Standing;
const desk = {
  standing: vi.fn(async () => standing),
  assignRole: vi.fn(async () => ({ vote_applied: null, votes: null, proven: true })),
  letIn: vi.fn(async () => ({ tickets: 1, messages: 1, opens: 1, refused: [], stopped: null, whole: true })),
  staffDocumentsWithout: vi.fn(async () => []),
  renewDocuments: vi.fn(),
};
const nameInDeskBook = vi.fn(async () => null);
const session = { desk, me: "me", takeNotes: () => [], signing: (work: () => unknown) => work() } as unknown as Session;
const api = admin(session, { nameInDeskBook });
const person = { address: "carol", role: "support_agent" } as const;

beforeEach(() => {
  standing = { role: "support_agent", state: "active", in_circle: false, active_keys: 1, counts: true };
  vi.clearAllMocks();
});

test("letting in opens and seals, and neither appoints nor names", async () => {
  expect((await api.letInStaff(person)).letIn).toMatchObject({ whole: true });
  expect(desk.letIn).toHaveBeenCalledOnce();
  expect(desk.assignRole).not.toHaveBeenCalled();
  expect(nameInDeskBook).not.toHaveBeenCalled();
});

test("whoever lost the role meanwhile is let in nowhere, and is not appointed again", async () => {
  standing = { ...standing, role: null, counts: false };
  expect(await api.letInStaff(person)).toMatchObject({ vote: null, letIn: null });
  standing = { ...standing, role: "support_agent", counts: true };
  await api.letInStaff({ ...person, role: "administrator" });
  expect(desk.letIn).not.toHaveBeenCalled();
  expect(desk.assignRole).not.toHaveBeenCalled();
});

test("whoever presses appoints, and leaves the desk book alone where the team has no name for them", async () => {
  standing = { ...standing, counts: false };
  await api.addStaff({ ...person, name: null });
  expect(desk.assignRole).toHaveBeenCalledOnce();
  expect(nameInDeskBook).not.toHaveBeenCalled();
  await api.addStaff({ ...person, name: "Carol" });
  expect(nameInDeskBook).toHaveBeenCalledExactlyOnceWith("carol", "Carol");
});
