// Tags are sealed in a ticket's notes: a view that asks for some has to open the tickets first. So has one that asks for unread ones, of tickets
// that are over. It does so in the background, one after the other; what was opened once is kept sealed in this browser.
import { useEffect } from "react";

import { lastSaidIn } from "./lastSaid.ts";
import type { Line, Queue } from "./lines.ts";
import { useMarks } from "./seen.ts";
import { summarise, tagsOf } from "./summaries.ts";
import { isOver, type View, type Where } from "./views.ts";

/** Tickets that are opened for this, the newest first. */
const SCANNED_MAX = 2_000;

/** Whether it has to be opened to know whether it stands in a view: of tickets that are over, what is older than `before`, in seconds, is not unread. */
export function isToOpen(line: Line, { tags, unread, statuses }: Where, before: number): boolean {
  const { ticket } = line;
  if (!isOver(ticket)) return tags !== undefined && tagsOf(line) === undefined;
  if (!unread || (statuses && !statuses.includes(ticket.status))) return false;
  return lastSaidIn(line) === undefined && Date.parse(ticket.updated_at ?? "") / 1000 > before;
}

export function useTagScan(queue: Queue, { where }: View): void {
  const wanted = (where.tags !== undefined || where.unread === true) && queue.filled !== "nothing";
  const { before } = useMarks();
  useEffect(() => {
    if (!wanted) return;
    let isHere = true;
    const scan = async () => {
      const open = [...queue.lines.values()].filter((line) => isToOpen(line, where, before));
      for (const line of open.reverse().slice(0, SCANNED_MAX)) {
        if (!isHere) return;
        // Of one that cannot be opened this person may know neither.
        await summarise(line).catch(() => undefined);
      }
    };
    void scan();
    return () => {
      isHere = false;
    };
  }, [wanted, queue, where, before]);
}
