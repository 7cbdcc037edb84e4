import type { Act, Message } from "sealdesk/views";
import { expect, test, vi } from "vitest";

vi.mock("../door.ts", () => ({ door: {} }));
const { buries, foundIn, wroteSince } = await import("./meanwhile.ts");

const said = (index: number | null, author: string, more: Partial<Message> = {}) => ({ response_index: index, author, is_agent: author !== "anna", text: "x", internal: false, warned: [], attachments: [], ...more }) as unknown as Message;
const [ANNA, BEN] = [{ by: "anna", isStaff: false }, { by: "ben", isStaff: true }];

test("somebody wrote meanwhile where the ticket has words of others that it did not have when the act began", () => {
  const messages = [said(null, "anna"), said(0, "me"), said(1, "anna"), said(2, "me"), said(3, "anna"), said(4, "ben", { internal: true })];
  expect(wroteSince(messages, 2, "me")).toEqual([ANNA, BEN]);
  expect(wroteSince(messages, 1, "me"), "each once").toEqual([ANNA, BEN]);
  expect(wroteSince(messages, 5, "me")).toEqual([]);
  expect(wroteSince([said(null, "anna")], 0, "me"), "a ticket's first words were there").toEqual([]);
});

test("one's own words and a colleague's tags hold nothing up; words that cannot be opened do", () => {
  expect(wroteSince([said(1, "me"), said(2, "ben", { internal: true, tags: ["paper"], text: "Tags: paper" })], 1, "me")).toEqual([]);
  expect(wroteSince([said(1, "anna", { text: null })], 1, "me")).toEqual([ANNA]);
});

test("a note with tags and words of its own holds up what would bury them", () => {
  const note = (text: string) => [said(1, "ben", { internal: true, tags: ["a"], text })];
  expect(wroteSince(note("Do not close"), 1, "me")).toEqual([BEN]);
  expect(wroteSince(note("Tags: a"), 1, "me")).toEqual([]);
});

test("whoever was told of somebody is told only of what came after that", () => {
  const first = [said(null, "anna"), said(0, "me"), said(1, "anna")];
  expect(foundIn(first, 1, "me")).toEqual({ met: [ANNA], count: 2 });
  expect(foundIn(first, 2, "me")).toEqual({ met: [], count: 2 });
  expect(foundIn([...first, said(2, "ben")], 2, "me")).toEqual({ met: [BEN], count: 3 });
});

test("what answers, ends, or puts off a ticket buries what was written meanwhile", () => {
  for (const act of ["reply", "resolve", "close", "await_customer"]) expect(buries([{ act: "note" }, { act }] as Act[]), act).toBe(true);
  expect(buries([{ act: "snooze", until: 1 }])).toBe(true);
  expect(buries([{ act: "snooze", until: null }]), "taking it up again hides nothing").toBe(false);
  for (const act of ["note", "tags", "prioritize", "link", "start_work", "reopen"]) expect(buries([{ act } as Act]), act).toBe(false);
});
