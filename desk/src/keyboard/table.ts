// Every shortcut of the desk, once: the code that listens, the sheet behind `?` and the palette behind Ctrl+K read this table.
//
// Whoever has something to do for a row binds it with `useAction(id, handler)`; a new act is a new row here. A row without keys stands in
// the palette alone. Keys are what a person types and not where the key is: `?` is Shift+ß on a German keyboard, and works. No row has an
// Alt key, since those type letters on many keyboards and open menus on others.
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";

export type Group = "everywhere" | "list" | "ticket" | "go";

export interface Shortcut {
  id: string;
  group: Group;
  name: MessageDescriptor;
  /** One key by the letter that it types ("x", "Shift+j"), a key after another ("g m"), or "Mod+k": Ctrl, or ⌘ on a Mac, and "Mod+Shift+Enter". Any of several. */
  keys: readonly string[];
  /** Whether it goes on while the key is held down. */
  repeats?: true;
  /** Whether it works while somebody types in a field: only what types nothing may. */
  inFields?: true;
  /** Not in the palette: what makes no sense there. */
  hidden?: true;
}

const rows = [
  { id: "help", group: "everywhere", name: msg`Show all keyboard shortcuts`, keys: ["?"] },
  { id: "palette", group: "everywhere", name: msg`Find a command`, keys: ["Mod+k"], inFields: true, hidden: true },
  { id: "search", group: "everywhere", name: msg`Search`, keys: ["/"] },
  { id: "undo", group: "everywhere", name: msg`Undo before it is sent`, keys: ["z"] },
  { id: "lock", group: "everywhere", name: msg`Lock the desk`, keys: ["g l"] },
  { id: "newTicket", group: "everywhere", name: msg`Write a new ticket`, keys: ["c"] },

  { id: "next", group: "list", name: msg`Next ticket`, keys: ["j"], repeats: true, hidden: true },
  { id: "previous", group: "list", name: msg`Previous ticket`, keys: ["k"], repeats: true, hidden: true },
  { id: "open", group: "list", name: msg`Open the ticket`, keys: ["Enter"], hidden: true },
  { id: "back", group: "list", name: msg`Back: leave a field, a selection or a ticket`, keys: ["Escape"], hidden: true },
  { id: "select", group: "list", name: msg`Select or deselect the ticket`, keys: ["x"] },
  { id: "extendNext", group: "list", name: msg`Extend the selection down`, keys: ["Shift+j"], repeats: true, hidden: true },
  { id: "extendPrevious", group: "list", name: msg`Extend the selection up`, keys: ["Shift+k"], repeats: true, hidden: true },
  { id: "selectAll", group: "list", name: msg`Select all in this view`, keys: [] },
  { id: "unread", group: "list", name: msg`Mark as unread or read`, keys: ["u"] },
  { id: "showNew", group: "list", name: msg`Show new tickets in the list`, keys: ["."] },

  { id: "reply", group: "ticket", name: msg`Write a reply`, keys: ["r"] },
  { id: "note", group: "ticket", name: msg`Write a note`, keys: ["n"] },
  { id: "send", group: "ticket", name: msg`Send what you wrote`, keys: ["Mod+Enter"], inFields: true, hidden: true },
  { id: "sendResolve", group: "ticket", name: msg`Send and resolve the ticket`, keys: ["Mod+Shift+Enter"], inFields: true, hidden: true },
  { id: "assign", group: "ticket", name: msg`Assign`, keys: ["a"] },
  { id: "take", group: "ticket", name: msg`Take it`, keys: ["i"] },
  { id: "startWork", group: "ticket", name: msg`Start work`, keys: [] },
  { id: "awaitCustomer", group: "ticket", name: msg`Wait for the customer`, keys: [] },
  { id: "resolve", group: "ticket", name: msg`Resolve`, keys: ["e"] },
  { id: "snooze", group: "ticket", name: msg`Put aside until later`, keys: ["s"] },
  { id: "priority", group: "ticket", name: msg`Change the priority`, keys: ["p"] },
  { id: "tag", group: "ticket", name: msg`Tags`, keys: [] },
  { id: "link", group: "ticket", name: msg`Link to another ticket`, keys: [] },
  { id: "transfer", group: "ticket", name: msg`Transfer to another customer`, keys: [] },
  { id: "close", group: "ticket", name: msg`Close`, keys: [] },
  { id: "reopen", group: "ticket", name: msg`Reopen`, keys: [] },
  { id: "readers", group: "ticket", name: msg`Who can read this`, keys: [] },

  { id: "goMine", group: "go", name: msg`Go to Mine`, keys: ["g m"] },
  { id: "goUnassigned", group: "go", name: msg`Go to Unassigned`, keys: ["g u"] },
  { id: "goPriority", group: "go", name: msg`Go to Open by priority`, keys: ["g p"] },
  { id: "goWaiting", group: "go", name: msg`Go to Waiting for the customer`, keys: ["g w"] },
  { id: "goDue", group: "go", name: msg`Go to Due and overdue`, keys: ["g d"] },
  { id: "goSnoozed", group: "go", name: msg`Go to Put aside`, keys: ["g s"] },
  { id: "goResolved", group: "go", name: msg`Go to Resolved`, keys: ["g r"] },
  { id: "goClosed", group: "go", name: msg`Go to Closed`, keys: ["g c"] },
  { id: "goTickets", group: "go", name: msg`Go to the tickets`, keys: ["g t"] },
  { id: "goSettings", group: "go", name: msg`Go to the settings`, keys: ["g ,"] },
] as const satisfies readonly Shortcut[];

export type ActionId = (typeof rows)[number]["id"];

export const SHORTCUTS: readonly (Shortcut & { id: ActionId })[] = rows;

export const GROUPS: Record<Group, MessageDescriptor> = {
  everywhere: msg`Everywhere`,
  list: msg`In the list`,
  ticket: msg`In a ticket, or for all selected tickets`,
  go: msg`Go to`,
};

export function shortcut(id: ActionId): Shortcut & { id: ActionId } {
  const row = SHORTCUTS.find((row) => row.id === id);
  if (!row) throw new Error(`the table of shortcuts has no row ${id}`);
  return row;
}

/** Whether keys are of the kind that one switch turns off (WCAG 2.1.4): a letter, a digit or a mark alone. */
export function isSingle(keys: string): boolean {
  return !keys.startsWith("Mod+") && keys !== "Enter" && keys !== "Escape";
}
