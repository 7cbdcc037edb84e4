// One stream of a browser's tabs: the tab that holds the lock listens to the desk, and tells the others. When it is gone the next one
// takes the lock. A desk gives one address a few connections only, and a browser gives one page six.
import { LIVE } from "./offline/reach.ts";

/** Whoever holds it listens. */
const LEADING = "sealdesk-stream";
/** The desk book's name, as an event has it. */
const DESK_BOOK = '"admin.desk-book"';
/** How an event names the public document by which the desk has its name and colour. */
const LOOK = ['"public"', '"desk"'];
/** When a stream that the desk refused is asked for again. */
const AGAIN_MS = 5_000;
/** Longest that one is waited for that neither opens nor fails: longer each time, for a line that is slow. */
const OPEN_MS = 10_000;
const OPEN_MS_MAX = 60_000;

/** What the leading tab tells, and what others ask of it. */
type Said = { kind: "heard"; ticket: string | undefined; isBook: boolean; isLook: boolean } | { kind: "opened"; goesOn: boolean } | { kind: "state"; isLive: boolean } | { kind: "who" };

export interface Listener {
  /** Something happened, in a ticket or elsewhere; `isBook` where the desk book changed, which names people for the staff, `isLook` where its name and colour did. */
  heard(ticket: string | undefined, isBook: boolean, isLook?: boolean): void;
  /** The stream is there, for the first time or again: something may have been missed before, unless it goes on where it broke off. */
  opened(goesOn: boolean): void;
  state(isLive: boolean): void;
}

/** Listens, by a stream of its own or by another tab's, until what is returned is called. */
export function follow(listener: Listener): () => void {
  const channel = new BroadcastChannel(LIVE);
  const over = new AbortController();
  let isLive: boolean | undefined;
  const take = (said: Said) => {
    if (said.kind === "heard") listener.heard(said.ticket, said.isBook, said.isLook);
    if (said.kind === "opened") listener.opened(said.goesOn);
    if (said.kind === "state") listener.state(said.isLive);
    // The leading tab alone knows.
    if (said.kind === "who" && isLive !== undefined) channel.postMessage({ kind: "state", isLive } satisfies Said);
  };
  const tell = (said: Said) => {
    if (said.kind === "state") isLive = said.isLive;
    channel.postMessage(said);
    take(said);
  };
  channel.onmessage = ({ data }: MessageEvent<Said>) => take(data);
  channel.postMessage({ kind: "who" } satisfies Said);
  const lead = () =>
    new Promise<void>((end) => {
      const close = listen(tell);
      over.signal.addEventListener("abort", () => (close(), end()));
    });
  // A request that is called off before its turn is no fault.
  navigator.locks.request(LEADING, { signal: over.signal }, lead).catch(() => undefined);
  return () => {
    over.abort();
    channel.close();
  };
}

function listen(tell: (said: Said) => void): () => void {
  let stream: EventSource | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;
  let last = "";
  let patience = OPEN_MS;
  const open = () => {
    clearTimeout(again);
    stream?.close();
    // A browser that comes back by itself names the last event it saw; a stream of our own making names it here.
    stream = new EventSource(last === "" ? "/api/v1/events" : `/api/v1/events?cursor=${encodeURIComponent(last)}`);
    stream.onmessage = ({ data, lastEventId }: MessageEvent<string>) => {
      last = lastEventId;
      tell({ kind: "heard", ticket: ticketOf(data), isBook: data.includes(DESK_BOOK), isLook: LOOK.every((part) => data.includes(part)) });
    };
    again = setTimeout(() => {
      tell({ kind: "state", isLive: false });
      patience = Math.min(2 * patience, OPEN_MS_MAX);
      open();
    }, patience);
    // The desk no longer has what happened since.
    stream.addEventListener("end", () => {
      last = "";
    });
    stream.onopen = () => {
      clearTimeout(again);
      patience = OPEN_MS;
      tell({ kind: "opened", goesOn: last !== "" });
      tell({ kind: "state", isLive: true });
    };
    stream.onerror = () => {
      tell({ kind: "state", isLive: false });
      clearTimeout(again);
      // The desk may have said no to the place: a desk that was restored from a backup has not come so far. From the next one on, everything is read again.
      if (stream?.readyState === EventSource.CLOSED) last = "";
      // A browser comes back by itself only where the connection broke, and not where the desk said no; and it waits for ever where nobody answers.
      again = setTimeout(open, stream?.readyState === EventSource.CLOSED ? AGAIN_MS : OPEN_MS);
    };
  };
  // Without a network there is nothing to wait for; with one again, nothing to wait for either.
  const offline = () => tell({ kind: "state", isLive: false });
  addEventListener("online", open);
  addEventListener("offline", offline);
  open();
  return () => {
    removeEventListener("online", open);
    removeEventListener("offline", offline);
    clearTimeout(again);
    stream?.close();
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
