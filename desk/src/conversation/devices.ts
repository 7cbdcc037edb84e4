// Drafts on one's other devices: a document on the ledger that only its owner opens. It is written seldom, since when somebody writes is public.
import { useEffect, useRef } from "react";
import type { Conversation } from "sealdesk/views";

import { door } from "../door.ts";
import { client } from "../queries.ts";
import { useOpened } from "../session/session.tsx";

const DOCUMENT = "drafts";
const KEY = ["document", "own", DOCUMENT] as const;
/** Least time between two writes, in milliseconds: the ledger takes 60 an hour of everything that is one's own. */
const PAUSE_MS = 150_000;
/** For how long nobody has typed before a draft goes there. */
const REST_MS = 30_000;
/** Longest draft that goes there, in letters: all of them share one document. */
const LETTERS_MAX = 8_000;
const KEPT = "drafts-elsewhere";

interface Elsewhere {
  text: string;
  /** How many responses the ticket had. */
  count: number;
}

export const goesElsewhere = (): boolean => localStorage.getItem(KEPT) !== "off";

export function setGoesElsewhere(isOn: boolean): void {
  if (isOn) localStorage.removeItem(KEPT);
  else localStorage.setItem(KEPT, "off");
}

const waiting = new Map<string, Elsewhere | null>();
/** What this tab knows to stand there. */
const standing = new Map<string, string>();
let timer: ReturnType<typeof setTimeout> | undefined;
let written = 0;

function write(): void {
  timer = undefined;
  if (waiting.size === 0 || !goesElsewhere()) return;
  written = Date.now();
  const batch = [...waiting];
  waiting.clear();
  const edits = batch.map(([name, value]) => ({ name, value }));
  door.editDocument("own", DOCUMENT, edits).then(
    () => {
      for (const [name, value] of batch) value ? standing.set(name, value.text) : standing.delete(name);
    },
    // It is kept here all the same, and goes there with the next one.
    () => {
      for (const [name, value] of batch) if (!waiting.has(name)) waiting.set(name, value);
    },
  );
}

function put(name: string, value: Elsewhere | null): void {
  waiting.set(name, value);
  timer ??= setTimeout(write, Math.max(0, written + PAUSE_MS - Date.now()));
}

/** It was sent: other devices no longer offer it. */
export function gone(name: string): void {
  if (goesElsewhere() && standing.has(name)) put(name, null);
}

async function elsewhere(name: string): Promise<Elsewhere | null> {
  const read = await client.fetchQuery({ queryKey: KEY, queryFn: () => door.readDocument("own", DOCUMENT), staleTime: 60_000 });
  const found = read.entries[name] as Partial<Elsewhere> | undefined;
  return typeof found?.text === "string" && typeof found.count === "number" ? { text: found.text, count: found.count } : null;
}

/** Takes a draft from another device where this one has none, and gives this one's to others after a rest. */
export function useOtherDevices(name: string, text: string, onText: (text: string) => void, opened: Conversation, isOn: boolean): void {
  const { address } = useOpened();
  const now = useRef({ text, count: opened.ticket.response_count });
  now.current = { text, count: opened.ticket.response_count };
  const messages = useRef(opened.messages);
  messages.current = opened.messages;
  const take = useRef(onText);
  take.current = onText;
  useEffect(() => {
    if (!isOn || !goesElsewhere()) return;
    let isHere = true;
    const load = async () => {
      if ((await door.draft(name)) !== null) return;
      const found = await elsewhere(name);
      if (!found || !isHere || now.current.text !== "") return;
      standing.set(name, found.text);
      // Sent from there meanwhile.
      if (messages.current.some((message) => message.author === address && message.text === found.text)) put(name, null);
      else take.current(found.text);
    };
    load().catch(() => undefined);
    return () => {
      isHere = false;
      // Whoever leaves the ticket may go on elsewhere.
      const left = now.current;
      if (left.text !== "" && left.text !== standing.get(name) && left.text.length <= LETTERS_MAX) put(name, left);
    };
  }, [name, isOn, address]);
  useEffect(() => {
    if (!isOn || !goesElsewhere() || text === (standing.get(name) ?? "") || text.length > LETTERS_MAX) return;
    const rest = setTimeout(() => put(name, now.current.text === "" ? null : now.current), REST_MS);
    return () => clearTimeout(rest);
  }, [name, text, isOn]);
}
