// What happens on the ledger, as it is told. It names tickets and never says what stands in them; whatever it names is asked for again.
import { useEffect, useState } from "react";

import { ask, reached } from "./offline/reach.ts";
import { client, keys } from "./queries.ts";
import { follow } from "./stream.ts";

/** Events of a burst are answered by one question. */
const GATHER_MS = 150;
/** For how long whoever reads lists waits for the stream, so that nothing happens between the two. */
const STREAM_MS = 2_000;
/** After so long lists may have been read without the stream. It is less than they wait, so that none is read unnoticed. */
const LATE_MS = 1_500;

/** What was heard since the last time. */
export interface Heard {
  /** Tickets that something happened to. */
  tickets: string[];
  /** Whether something happened that is about no ticket: roles, documents, parameters. */
  others: boolean;
  /** Whether the desk book changed, by which the staff names people. */
  book: boolean;
  /** Whether something may have happened that was not heard. */
  missed: boolean;
}

const hearers = new Set<(heard: Heard) => void>();
let isConnected = true;

/** Whether the stream is there, as far as this tab knows: where it is not, the desk is out of reach. */
export const isLive = (): boolean => isConnected;

/** Whether the stream was there before, or lists were read without it: what opens then may have missed something. A locked page follows nothing. */
let wasOpen = false;
let opened: () => void = () => undefined;
const whenOpened = new Promise<void>((resolve) => {
  opened = resolve;
});

/** Hears what happens, gathered for a moment. */
export function onHeard(hearer: (heard: Heard) => void): () => void {
  hearers.add(hearer);
  return () => hearers.delete(hearer);
}

/** All that is shown is asked for again: some of it is of before. */
export function lookAgain(): void {
  void client.invalidateQueries();
  for (const hearer of hearers) hearer({ tickets: [], others: true, book: true, missed: true });
}

/** The stream is there, or is not coming soon. */
export const streaming = (): Promise<void> => Promise.race([whenOpened, new Promise<void>((resolve) => setTimeout(resolve, STREAM_MS))]);

/** Follows while somebody is unlocked. Says whether the stream is there. */
export function useLive(): boolean {
  const [isLive, setLive] = useState(true);
  useEffect(() => gather(setLive), []);
  return isLive;
}

/** Hears for all of the page until what is returned is called. */
export function gather(setLive: (isLive: boolean) => void): () => void {
  const touched = new Set<string>();
  let [others, book, missed, isAll] = [false, false, wasOpen, wasOpen];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tell = () => {
    timer = undefined;
    // What lists show of a ticket goes by when it changed, and is never asked for again.
    if (isAll) void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== keys.summary("", "")[0] });
    for (const ticket of touched) void client.invalidateQueries({ queryKey: keys.ticket(ticket) });
    void client.invalidateQueries({ queryKey: keys.inbox });
    if (others) {
      void client.invalidateQueries({ queryKey: keys.role });
      void client.invalidateQueries({ queryKey: keys.sharedViews });
      void client.invalidateQueries({ queryKey: keys.ownViews });
      void client.invalidateQueries({ queryKey: keys.ownDrafts });
    }
    for (const hearer of hearers) hearer({ tickets: [...touched], others, book, missed });
    touched.clear();
    [others, book, missed, isAll] = [false, false, false, false];
  };
  const soon = () => (timer ??= setTimeout(tell, GATHER_MS));
  const stop = follow({
    heard(ticket, isBook, isLook) {
      reached();
      if (isLook) void client.invalidateQueries({ queryKey: keys.look });
      book ||= isBook;
      if (ticket === undefined) others = true;
      else touched.add(ticket);
      soon();
    },
    opened(goesOn) {
      if (!goesOn) [isAll, missed] = [true, missed || wasOpen];
      wasOpen = true;
      opened();
      soon();
    },
    state(isLive) {
      isConnected = isLive;
      setLive(isLive);
      if (!isLive) return void ask();
      reached();
      wasOpen = true;
      opened();
      if (missed) soon();
    },
  });
  const late = setTimeout(() => {
    wasOpen = true;
  }, LATE_MS);
  return () => {
    clearTimeout(timer);
    clearTimeout(late);
    stop();
  };
}
