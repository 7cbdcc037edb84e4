// One stream of what happens on the ledger. It names tickets and never says what stands in them; whatever it names is asked for again.
import { useEffect, useState } from "react";

import { client, keys } from "./queries.ts";

/** Events of a burst are answered by one question. */
const GATHER_MS = 150;
/** When a stream that the desk refused is asked for again. */
const AGAIN_MS = 5_000;
/** For how long whoever reads lists waits for the stream, so that nothing happens between the two. */
const STREAM_MS = 2_000;

/** What was heard since the last time. */
export interface Heard {
  /** Tickets that something happened to. */
  tickets: string[];
  /** Whether something happened that is about no ticket: roles, documents, parameters. */
  others: boolean;
  /** Whether something may have happened that was not heard. */
  missed: boolean;
}

const hearers = new Set<(heard: Heard) => void>();
let opened: () => void = () => undefined;
const whenOpened = new Promise<void>((resolve) => {
  opened = resolve;
});

/** Hears what happens, gathered for a moment. */
export function onHeard(hearer: (heard: Heard) => void): () => void {
  hearers.add(hearer);
  return () => hearers.delete(hearer);
}

/** The stream is there, or is not coming soon. */
export const streaming = (): Promise<void> => Promise.race([whenOpened, new Promise<void>((resolve) => setTimeout(resolve, STREAM_MS))]);

/** Follows while somebody is unlocked. Says whether the stream is there. */
export function useLive(): boolean {
  const [isLive, setLive] = useState(true);
  useEffect(() => follow(setLive), []);
  return isLive;
}

function follow(setLive: (isLive: boolean) => void): () => void {
  const touched = new Set<string>();
  let [others, missed, wasOpen] = [false, false, false];
  let last = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tell = () => {
    timer = undefined;
    for (const ticket of touched) void client.invalidateQueries({ queryKey: keys.ticket(ticket) });
    void client.invalidateQueries({ queryKey: keys.inbox });
    if (others) {
      void client.invalidateQueries({ queryKey: keys.role });
      void client.invalidateQueries({ queryKey: keys.sharedViews });
    }
    for (const hearer of hearers) hearer({ tickets: [...touched], others, missed });
    touched.clear();
    [others, missed] = [false, false];
  };
  const soon = () => (timer ??= setTimeout(tell, GATHER_MS));
  let stream: EventSource;
  let again: ReturnType<typeof setTimeout> | undefined;
  const open = () => {
    // A browser that comes back by itself names the last event it saw; a stream of our own making names it here.
    stream = new EventSource(last === "" ? "/api/v1/events" : `/api/v1/events?cursor=${encodeURIComponent(last)}`);
    const isFirst = !wasOpen;
    stream.onmessage = (event: MessageEvent<string>) => {
      last = event.lastEventId;
      const ticket = ticketOf(event.data);
      if (ticket === undefined) others = true;
      else touched.add(ticket);
      soon();
    };
    // The desk no longer has what happened since: all of it is read again.
    stream.addEventListener("end", () => (missed = true));
    stream.onopen = () => {
      setLive(true);
      if (!isFirst && last === "") missed = true;
      wasOpen = true;
      opened();
      soon();
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
}

function ticketOf(data: string): string | undefined {
  try {
    const event = JSON.parse(data) as { attributes?: { ticket_id?: string }; ticket_id?: string };
    return event.ticket_id ?? event.attributes?.ticket_id;
  } catch {
    return undefined;
  }
}
