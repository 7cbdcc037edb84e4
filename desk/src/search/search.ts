// Asks the worker with each letter. It has not read everything at first: what is missing is read in the background, and asked again.
import { startTransition, useEffect, useState } from "react";
import type { Ticket } from "sealdesk/views";

import type { Narrowing } from "../../worker/scan.ts";
import type { SearchAnswer, Searchable } from "../../worker/search.ts";
import { door, follow } from "../door.ts";

/** How often a search is asked again while tickets are being read. */
const AGAIN_MS = 1_000;

export interface Progress {
  done: number;
  of: number;
}

interface Search {
  answer: SearchAnswer | null;
  error: unknown;
  progress: Progress | null;
}

export function useSearch(words: string, narrowing: Narrowing | null, tickets: ReadonlyMap<string, Ticket>): Search {
  const [answer, setAnswer] = useState<SearchAnswer | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [again, setAgain] = useState(0);
  const progress = useFill(tickets, () => setAgain((before) => before + 1));
  useEffect(() => {
    let isHere = true;
    door.search(words, narrowing).then(
      (found) => {
        if (!isHere || !found) return;
        // Drawn in slices: the next letter goes first.
        startTransition(() => {
          setAnswer(found);
          setError(null);
        });
      },
      (why: unknown) => isHere && setError(why),
    );
    return () => {
      isHere = false;
    };
  }, [words, narrowing, again]);
  return { answer, error, progress };
}

/** Has what was not read here yet be read, and hears how far that is. */
function useFill(tickets: ReadonlyMap<string, Ticket>, onMore: () => void): Progress | null {
  const [progress, setProgress] = useState<Progress | null>(null);
  useEffect(() => {
    let isHere = true;
    let told = 0;
    const end = follow("search", (done, of) => {
      if (performance.now() - told < AGAIN_MS) return;
      told = performance.now();
      setProgress({ done, of });
      onMore();
    });
    const wanted = [...tickets.values()].map(
      (ticket): Searchable => ({ id: ticket.ticket_id, changed: `${ticket.updated_at} ${ticket.response_count}` }),
    );
    // Where the desk is away, what was read is searched all the same, and the line below says what was not.
    const over = () => isHere && onMore();
    door.fillSearch(wanted).then(over, over);
    return () => {
      isHere = false;
      end();
    };
    // What is done with more does not change with each drawing.
  }, [tickets]);
  return progress;
}
