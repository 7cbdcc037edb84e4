// One stream of what happens on the ledger. It names tickets and never says what stands in them; whatever it names is asked for again.
import { useEffect, useState } from "react";

import { client, keys } from "./queries.ts";

/** Events of a burst are answered by one question. */
const GATHER_MS = 150;
/** When a stream that the desk refused is asked for again. */
const AGAIN_MS = 5_000;

/** Follows while somebody is unlocked. Says whether the stream is there. */
export function useLive(): boolean {
  const [isLive, setLive] = useState(true);
  useEffect(() => {
    const touched = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = () => {
      timer = undefined;
      for (const ticket of touched) void client.invalidateQueries({ queryKey: keys.ticket(ticket) });
      touched.clear();
      void client.invalidateQueries({ queryKey: keys.inbox });
    };
    let stream: EventSource;
    let again: ReturnType<typeof setTimeout> | undefined;
    const heard = (event: MessageEvent<string>) => {
      const ticket = ticketOf(event.data);
      if (ticket !== undefined) touched.add(ticket);
      timer ??= setTimeout(ask, GATHER_MS);
    };
    const open = () => {
      stream = new EventSource("/api/v1/events");
      stream.onmessage = heard;
      stream.onopen = () => {
        setLive(true);
        timer ??= setTimeout(ask, GATHER_MS);
      };
      stream.onerror = () => {
        setLive(false);
        // A browser comes back by itself only where the connection broke, and not where the desk said no.
        if (stream.readyState === EventSource.CLOSED) again = setTimeout(open, AGAIN_MS);
      };
    };
    open();
    return () => {
      clearTimeout(timer);
      clearTimeout(again);
      stream.close();
    };
  }, []);
  return isLive;
}

function ticketOf(data: string): string | undefined {
  try {
    const event = JSON.parse(data) as { attributes?: { ticket_id?: string }; ticket_id?: string };
    return event.ticket_id ?? event.attributes?.ticket_id;
  } catch {
    return undefined;
  }
}
