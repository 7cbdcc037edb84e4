import { beforeEach, expect, test, vi } from "vitest";

const collaborators: string[] = [];
const [assign, assignWith] = [vi.fn(), vi.fn()];
vi.mock("../../door.ts", () => ({ door: { assign, assignWith, read: async () => ({ ticket: { collaborators } }), members: async () => ["ada", "ben", "cleo"] } }));
const { ACTS, NOTHING } = await import("../../queue/bulkActs.tsx");

const gives = (agent: string) => ACTS.assign.work({ ...NOTHING, agent })?.("TKT-00000001");

beforeEach(() => {
  collaborators.splice(0);
  for (const mock of [assign, assignWith]) mock.mockReset();
});

test("many tickets that get somebody else keep whoever helps with each, but for who has it now and who left the team", async () => {
  collaborators.push("ben", "cleo", "gone");
  await gives("ben");
  expect(assignWith).toHaveBeenCalledExactlyOnceWith("TKT-00000001", "ben", ["cleo"]);
  expect(assign).not.toHaveBeenCalled();
});

test("a ticket with which nobody helps is given as before", async () => {
  await gives("ada");
  expect(assign).toHaveBeenCalledExactlyOnceWith("TKT-00000001", "ada");
});
