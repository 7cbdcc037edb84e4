// The one outbox of this tab, and how long things wait in it.
import { useSyncExternalStore } from "react";

import { kept } from "../kit/localSetting.ts";
import { beforeLeaving } from "../offline/leaving.ts";
import { client, keys } from "../queries.ts";
import { createOutbox, type Entry, UNDO_MS } from "./outbox.ts";
import { rested } from "./rested.ts";

export const outbox = createOutbox();
beforeLeaving("sent", () => rested(outbox));

const setting = kept("undo");

const holds = (value: string | null, isStaff: boolean): boolean => (value === null ? isStaff : value === "on");

/** Whether acts wait until they can no longer be taken back. Staff's do unless somebody turned that off, customers' where they turned it on. */
export const canUndo = (isStaff: boolean): boolean => holds(setting.get(), isStaff);

export const setCanUndo = (isOn: boolean): void => setting.set(isOn ? "on" : "off");

export const useCanUndo = (isStaff: boolean): boolean => holds(setting.use(), isStaff);

/** Everything that waits, is being sent, or failed. */
export const useEntries = (): readonly Entry[] => useSyncExternalStore(outbox.subscribe, outbox.list);

/** The same of one draft or ticket. */
export const useEntry = (key: string): Entry | undefined => useEntries().find((entry) => entry.key === key);

export function waitOf(isStaff: boolean): number {
  return canUndo(isStaff) ? UNDO_MS : 0;
}

// What is only here would be lost with this tab; a text that is kept as a draft would not. A lock asks nobody: it has taken this tab's half of
// the key away by then.
addEventListener("beforeunload", (event) => {
  if (sessionStorage.getItem("share") === null) return;
  if (outbox.list().some((entry) => entry.state === "sending" || (entry.state === "held" && !entry.isKept))) event.preventDefault();
});

/** Asks again for all that a change of a ticket shows in. */
export async function refresh(ticket: string): Promise<void> {
  await Promise.all([client.invalidateQueries({ queryKey: keys.ticket(ticket) }), client.invalidateQueries({ queryKey: keys.inbox })]);
}
