import type { Ticket, TicketStatus } from "sealdesk/views";
import { expect, test } from "vitest";

import { asked, beginning, choices, type FilterName, FILTERS, nearest, quoted, type Spoken, split, withEnding } from "./filters.ts";

const PEOPLE: Record<string, string> = { vanna: "Anna Weiß", vbob: "Bob", vcarol: "Support carol" };
const ENGLISH: Spoken = {
  filter: Object.fromEntries(FILTERS.map((name) => [name, name])) as Record<FilterName, string>,
  status: { open: "new", assigned: "assigned", in_progress: "in progress", pending_customer: "waiting for the customer", resolved: "resolved", closed: "closed" },
  priority: { low: "low", normal: "normal", high: "high", urgent: "urgent" },
  category: (name) => (name === "other" ? "Something else" : name),
  unfinished: "open",
  me: "me",
  nobody: "nobody",
  files: "files",
  mark: { aside: "aside", due: "due", late: "late", unread: "unread" },
  person: (address) => PEOPLE[address] ?? "nobody",
  myAddress: "vme",
};
const GERMAN: Spoken = {
  ...ENGLISH,
  filter: { ...ENGLISH.filter, from: "von", to: "an", priority: "Priorität", before: "vor", has: "mit" },
  priority: { low: "niedrig", normal: "normal", high: "hoch", urgent: "dringend" },
  files: "Dateien",
};

let last = 0;
function ticket(status: TicketStatus, rest: Partial<Ticket> = {}): [string, Ticket] {
  const ticket_id = `TKT-0000000${++last}`;
  const whole = { ticket_id, status, priority: "normal", category: "technical", customer_address: "vanna", assigned_to: "", collaborators: [], provider_address: "", updated_at: "2026-11-28T12:00:00Z", ...rest };
  return [ticket_id, whole as unknown as Ticket];
}
const TICKETS = new Map([
  ticket("open", { priority: "urgent" }),
  ticket("assigned", { assigned_to: "vme", customer_address: "vbob", category: "other" }),
  ticket("pending_customer", { assigned_to: "vcarol", collaborators: ["vme"], updated_at: "2026-10-31T12:00:00Z" }),
  ticket("closed", { assigned_to: "vcarol", customer_address: "vbob", priority: "low", updated_at: "2025-12-31T12:00:00Z" }),
]);

const within = (query: string, spoken = ENGLISH) => asked(query, TICKETS, spoken).narrowing?.within?.map((id) => id.slice(-1)).join("") ?? null;

test("an address is meant by what sets it apart, and not by what all begin with", () => {
  const who = "virtengine1rgmnfknsrw49ys37chcf7g23pcl9l2uuz73p3v";
  const tickets = new Map([ticket("open", { customer_address: who })]);
  const finds = (typed: string) => asked(`from:${typed}`, tickets, ENGLISH).narrowing?.within?.length;
  for (const typed of ["ine", "vi", "eng", "virt", "virtengine", "virtengine1", "virtengine1r", "p3v", "1rgm"]) expect(finds(typed), typed).toBe(0);
  for (const typed of [who, who.toUpperCase(), "73p3v", "rgmn", "virtengine1rgmn", "ys37"]) expect(finds(typed), typed).toBe(1);
});

test("each filter leaves the tickets that are so", () => {
  const cases: [string, string][] = [
    ["status:open", "123"],
    ["status:new", "1"],
    ["status:waiting", "3"],
    ["status:pending_customer", "3"],
    ['status:"waiting for the customer"', "3"],
    ["status:new status:closed", "14"],
    ["-status:closed", "123"],
    ["priority:urgent", "1"],
    ["priority:URG", "1"],
    ["category:other", "2"],
    ['category:"something else"', "2"],
    ["from:weiss", "13"],
    ["from:vbob", "24"],
    ["to:me", "23"],
    ["to:nobody", "1"],
    ["to:carol", "34"],
    ["-to:me status:open", "1"],
    ["before:2026", "4"],
    ["before:2026-11", "34"],
    ["after:2025", "123"],
    ["after:2025 before:2026-11", "3"],
    ["after:2026-11-28", ""],
    ["after:2026-11-27", "12"],
    ["from:nosuchperson", ""],
  ];
  for (const [query, expected] of cases) expect(within(query), query).toBe(expected);
});

test("words stay words, also with a colon in them", () => {
  expect(asked("error: https://a.example -x 10:30 from:bob drucker", TICKETS, ENGLISH)).toMatchObject({ words: "error: https://a.example -x 10:30   drucker", wrong: [] });
  expect(asked("drucker", TICKETS, ENGLISH).narrowing).toBeNull();
  expect(asked("status:", TICKETS, ENGLISH).narrowing).toBeNull();
});

test("tags and files are asked of what was opened", () => {
  expect(asked('tag:Rückgabe tag:"Sehr wichtig" -tag:spam -has:files', TICKETS, ENGLISH).narrowing).toEqual({
    within: null,
    tags: ["ruckgabe", "sehr wichtig"],
    withoutTags: ["spam"],
    hasFiles: false,
  });
});

test("filters are called as the page's language calls them, or in English", () => {
  expect(within("von:anna priorität:dringend", GERMAN)).toBe("1");
  expect(within("from:anna PRIORITAT:urgent", GERMAN)).toBe("1");
  expect(within("vor:2026", GERMAN)).toBe("4");
  expect(asked("mit:Dateien", TICKETS, GERMAN).narrowing?.hasFiles).toBe(true);
});

test("what names nothing is said, and the rest is searched", () => {
  const { wrong, narrowing, words } = asked("status:opne before:2026-13 after:yesterday has:wings priority:low x", TICKETS, ENGLISH);
  expect(wrong.map(({ written }) => written)).toEqual(["status:opne", "before:2026-13", "after:yesterday", "has:wings"]);
  expect(narrowing?.within?.length).toBe(1);
  expect(words).toBe("x");
});

test("days are this place's, and those that are none are refused", () => {
  expect(beginning("2026-02-29")).toBeNull();
  expect(beginning("2028-02-29")).toEqual(new Date(2028, 1, 29));
  expect(beginning("2026-00")).toBeNull();
  expect(beginning("26")).toBeNull();
});

test("a button writes what is found, whatever stands before it", () => {
  for (const name of FILTERS) {
    for (const choice of choices(name, ENGLISH, TICKETS.values())) {
      const { last } = asked(`drucker ${name}:x`, TICKETS, ENGLISH);
      const query = withEnding(`drucker ${name}:x`, last, `${name}:${quoted(choice)}`);
      const { words, parts } = split(query, ENGLISH);
      expect([words, parts.length, parts[0]?.value]).toEqual(["drucker", 1, choice]);
      expect(asked(query, TICKETS, ENGLISH, () => true).wrong, query).toEqual([]);
      if (name !== "has" && name !== "is") expect(within(query)?.length, query).toBeGreaterThanOrEqual(name === "status" || name === "priority" ? 0 : 1);
    }
  }
  expect(withEnding("drucker", null, "from:")).toBe("drucker from:");
  expect(withEnding("drucker ", null, "from:")).toBe("drucker from:");
  expect(withEnding("", null, "from:")).toBe("from:");
});

test("only what the query ends with is being written", () => {
  const last = (query: string) => asked(query, TICKETS, ENGLISH).last?.written ?? null;
  expect(last("from:an")).toBe("from:an");
  expect(last("from:an ")).toBeNull();
  expect(last("from:an drucker")).toBeNull();
  expect(last('from:"Anna W')).toBe('from:"Anna W');
});

test("what staff know of tickets beside their fields is asked for by is:", () => {
  const known: Record<string, string[]> = { "1": ["late", "due", "unread"], "2": ["aside"], "3": ["unread"] };
  const is = (id: string, mark: string) => known[id.slice(-1)]?.includes(mark) ?? false;
  const finds = (query: string) => asked(query, TICKETS, ENGLISH, is).narrowing?.within?.map((id) => id.slice(-1)).join("");
  expect([finds("is:aside"), finds("is:due"), finds("is:late"), finds("is:unread"), finds("-is:unread")]).toEqual(["2", "1", "1", "13", "24"]);
  expect(finds("is:late is:unread"), "both").toBe("1");
  expect(asked("is:nothing", TICKETS, ENGLISH, is).wrong).toHaveLength(1);
  expect(asked("is:late", TICKETS, ENGLISH).wrong, "a customer's tickets have no such thing").toHaveLength(1);
});

test("of a filter that there is not the nearest one is named", () => {
  const near = (words: string, spoken = ENGLISH) => nearest(words, spoken, FILTERS)?.filter ?? null;
  expect([near("staus:open"), near("fron:anna"), near("prioirty:high"), near("Prioritat:hoch", GERMAN), near("vno:anna", GERMAN)]).toEqual(["status:", "from:", "priority:", "Priorität:", "von:"]);
  expect([near("error:"), near("https://example.org"), near("printer burns")]).toEqual([null, null, null]);
});
