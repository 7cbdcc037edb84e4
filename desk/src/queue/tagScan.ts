// Tags are sealed in a ticket's notes: a view that asks for some has to open the tickets first. It does so in the background, unfinished ones
// alone, one after the other; what was opened once is kept sealed in this browser.
import { useEffect } from "react";

import type { Queue } from "./lines.ts";
import { summarise, tagsOf } from "./summaries.ts";
import { isOver, type View } from "./views.ts";

/** Tickets that are opened for their tags, the newest first. */
const SCANNED_MAX = 2_000;

export function useTagScan(queue: Queue, { where }: View): void {
  const wanted = where.tags !== undefined && queue.filled !== "nothing";
  useEffect(() => {
    if (!wanted) return;
    let isHere = true;
    const scan = async () => {
      const open = [...queue.lines.values()].filter((line) => !isOver(line.ticket) && tagsOf(line) === undefined);
      for (const line of open.reverse().slice(0, SCANNED_MAX)) {
        if (!isHere) return;
        // One that cannot be opened has no tags that this person may know.
        await summarise(line).catch(() => undefined);
      }
    };
    void scan();
    return () => {
      isHere = false;
    };
  }, [wanted, queue]);
}
