import { expect, test, vi } from "vitest";

vi.mock("sealdesk", () => ({ Desk: class {} }));
const { people } = await import("../../worker/people.ts");

interface Said {
  address: string;
  name: string;
  /** Whether nobody can open it any more. */
  isErased?: boolean;
}

const ME = "desk1me";
/** A ticket that they wrote and that says no name. */
const NAMELESS = null;

function sit(tickets: Record<string, Said | null>) {
  const sealed = new Map<string, string>();
  const desk = {
    inbox: vi.fn(async () => ({ own: Object.keys(tickets).map((ticket_id) => ({ ticket_id })), closed: [] })),
    look: async (_: unknown, id: string) => ({
      ticket: { imported: null },
      messages: [{ author: tickets[id]?.address ?? ME, text: tickets[id]?.isErased ? null : "It burns." }],
      said_name: tickets[id]?.isErased ? null : (tickets[id] ?? null),
    }),
  };
  const session = { me: {}, address: "desk1me", desk, sealed: async (name: string) => sealed.get(name) || null, seal: async (name: string, text: string) => void sealed.set(name, text) };
  return { of: people(session as never), desk };
}

test("after a restore somebody's name is what their newest ticket says", async () => {
  const { of, desk } = sit({ "TKT-00000001": { address: "desk1me", name: "Ann" }, "TKT-00000007": { address: "desk1me", name: "Anna" }, "TKT-00000009": { address: "desk1before", name: "Kim" } });
  expect(await of.ownName()).toBe("Anna");
  expect(await of.nameToSeal()).toEqual({ name: "Anna" });
  expect(desk.inbox).toHaveBeenCalledOnce();
});

test("a name that was taken back stays so, and who never said one is asked", async () => {
  const { of } = sit({ "TKT-00000001": { address: "desk1me", name: "Anna" } });
  await of.setOwnName(null);
  expect([await of.ownName(), await of.nameToSeal()]).toEqual([null, {}]);
  const other = sit({ "TKT-00000001": null });
  expect([await other.of.ownName(), await other.of.nameToSeal()]).toEqual([null, {}]);
  expect(other.desk.inbox).toHaveBeenCalledOnce();
});

test("a desk that does not answer is asked again", async () => {
  const { of, desk } = sit({ "TKT-00000001": { address: "desk1me", name: "Anna" } });
  desk.inbox.mockRejectedValueOnce(new Error("away"));
  expect(await of.ownName()).toBe(null);
  expect(await of.ownName()).toBe("Anna");
});

test("a name that the newest ticket does not have was taken back: no older one brings it back", async () => {
  const { of } = sit({ "TKT-00000001": { address: ME, name: "Anna" }, "TKT-00000002": NAMELESS });
  expect([await of.ownName(), await of.nameToSeal()]).toEqual([null, {}]);
});

test("tickets that somebody else wrote, or that nobody can open, say nothing of a name", async () => {
  const { of } = sit({ "TKT-00000001": { address: ME, name: "Anna" }, "TKT-00000002": { address: ME, name: "Kim", isErased: true }, "TKT-00000003": { address: "desk1before", name: "Ben" } });
  expect(await of.ownName()).toBe("Anna");
});

test("what somebody says of their name while it is looked for counts", async () => {
  const { of, desk } = sit({ "TKT-00000001": { address: ME, name: "Anna" } });
  desk.inbox.mockImplementationOnce(async () => {
    await of.setOwnName(null);
    return { own: [{ ticket_id: "TKT-00000001" }], closed: [] };
  });
  const name = of.ownName();
  expect([await name, await of.nameToSeal()]).toEqual([null, {}]);
});
