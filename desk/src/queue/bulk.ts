// One act with many tickets, one after the other: what was done, what was refused and why, and what nobody tried any more.
import type { Note } from "sealdesk/views";

import type { Told } from "../../worker/api.ts";
import { TagsFull } from "../conversation/staff/tagsFull.ts";
import { DeskError } from "../door.ts";

export interface Progress {
  done: number;
  of: number;
}

export interface Result {
  done: string[];
  /** Done by the node's word, and not proven. */
  unproven: string[];
  /** They were so already: nothing was sent. */
  unchanged: string[];
  refused: { id: string; why: unknown }[];
  /** Sent, and nobody answered whether it is done. */
  unanswered: { id: string; why: unknown }[];
  /** Left out, since somebody stopped it. */
  untried: string[];
  /** Whom something was sealed for anew, each line once. */
  notes: Note[];
}

/** After so many failures in a row that are no refusals, wait for no reply, and say the same, the rest would say it too: nothing more is tried. */
const SAME_MAX = 3;

/** A reply of this person's is on its way in a ticket: whatever ends that or puts it off goes after it. */
export class ReplyFirst extends Error {}

/** What is done with one ticket; null where there was nothing to do. */
export type Work = (id: string) => Promise<Told | null>;

/** Does it with tickets in which no reply is on its way. */
export const afterReplies =
  (work: Work, hasReply: (id: string) => boolean, why: string): Work =>
  async (id) => {
    if (hasReply(id)) throw new ReplyFirst(why);
    return work(id);
  };

/** Does it with each. `stop` is asked before each next one; what is on its way ends. */
export async function withEach(
  ids: readonly string[],
  work: Work,
  { onProgress, isStopped }: { onProgress(progress: Progress): void; isStopped(): boolean },
): Promise<Result> {
  const result: Result = { done: [], unproven: [], unchanged: [], refused: [], unanswered: [], untried: [], notes: [] };
  let same = { words: "", times: 0 };
  for (const [n, id] of ids.entries()) {
    if (isStopped() || same.times >= SAME_MAX) {
      result.untried = ids.slice(n);
      break;
    }
    try {
      const told = await work(id);
      (told === null ? result.unchanged : told.proven ? result.done : result.unproven).push(id);
      for (const note of told?.notes ?? []) if (!result.notes.some(({ text }) => text === note.text)) result.notes.push(note);
      same = { words: "", times: 0 };
    } catch (why) {
      const isUnanswered = why instanceof DeskError && why.unanswered;
      (isUnanswered ? result.unanswered : result.refused).push({ id, why });
      // What is refused of one ticket says nothing of the next one.
      const isRefusal = why instanceof TagsFull || why instanceof ReplyFirst || (why instanceof DeskError && why.code !== undefined);
      const words = isRefusal ? "" : String(why);
      same = { words, times: words === "" ? 0 : words === same.words ? same.times + 1 : 1 };
    }
    onProgress({ done: n + 1, of: ids.length });
  }
  return result;
}
