// Drafts on one's other devices: a document on the ledger that only its owner opens. It is written seldom, since when somebody writes is public.
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import type { Conversation } from "sealdesk/views";

import { door } from "../door.ts";
import { keys } from "../queries.ts";
import { useOpened } from "../session/session.tsx";
import { whatNow } from "./meet.ts";

const DOCUMENT = "drafts";
/** Least time between two writes, in milliseconds: the ledger takes 60 an hour of everything that is one's own. */
const PAUSE_MS = 150_000;
/** For how long nobody has typed before a draft goes there. */
const REST_MS = 30_000;
/** Longest draft that goes there, in letters: all of them share one document. */
const LETTERS_MAX = 8_000;
const KEPT = "drafts-elsewhere";
const STANDING = "drafts-elsewhere";

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
/** What this browser last knew to stand there, also after a reload: whatever differs from it was changed by somebody since. */
const standing = new Map<string, string>();
/** When the last of that was learned, in milliseconds: an answer that was asked for before says less. */
let learned = 0;
let begun: Promise<void> | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
let written = 0;

function begin(): Promise<void> {
  begun ??= door.kept(STANDING).then(
    (kept) => {
      for (const [name, text] of Object.entries(JSON.parse(kept ?? "{}") as Record<string, unknown>)) {
        if (typeof text === "string" && !standing.has(name)) standing.set(name, text);
      }
    },
  ).catch(() => undefined);
  return begun;
}

function stands(name: string, text: string): void {
  if (text === "") standing.delete(name);
  else standing.set(name, text);
  learned = Date.now();
  void door.keep(STANDING, standing.size === 0 ? "" : JSON.stringify(Object.fromEntries(standing))).catch(() => undefined);
}

function write(): void {
  timer = undefined;
  if (waiting.size === 0 || !goesElsewhere()) return;
  written = Date.now();
  const batch = [...waiting];
  waiting.clear();
  const edits = batch.map(([name, value]) => ({ name, value }));
  door.editDocument("own", DOCUMENT, edits).then(
    () => batch.forEach(([name, value]) => stands(name, value?.text ?? "")),
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

interface Read {
  /** When it was asked for. */
  at: number;
  entries: Record<string, unknown>;
}

async function read(): Promise<Read> {
  await begin();
  const at = Date.now();
  const { state, entries } = await door.readDocument("own", DOCUMENT);
  // What cannot be opened says nothing of what stands in it.
  if (state !== "open" && state !== "none") throw new Error(`drafts of other devices: ${state}`);
  return { at, entries };
}

function textIn({ entries }: Read, name: string): string {
  const found = entries[name] as Partial<Elsewhere> | undefined;
  return typeof found?.text === "string" && typeof found.count === "number" ? found.text : "";
}

/** Takes a draft on where another device left it, and gives this one's to others after a rest. */
export function useOtherDevices(name: string, text: string, onText: (text: string) => void, opened: Conversation, isOn: boolean): void {
  const { address, hasWallet } = useOpened();
  const now = useRef({ text, count: opened.ticket.response_count });
  now.current = { text, count: opened.ticket.response_count };
  const messages = useRef(opened.messages);
  messages.current = opened.messages;
  const take = useRef(onText);
  take.current = onText;
  // A wallet would ask for what nobody sent.
  const isKept = isOn && !hasWallet && goesElsewhere();
  const isEmpty = text === "";
  // What is heard of the ledger has it asked again.
  const { data } = useQuery({ queryKey: keys.ownDrafts, queryFn: read, staleTime: Number.POSITIVE_INFINITY, enabled: isKept });
  useEffect(() => {
    if (!data || !isKept) return;
    let isHere = true;
    const meet = async () => {
      const here = (await door.draft(name)) ?? "";
      const there = textIn(data, name);
      if (!isHere || data.at < learned || waiting.has(name) || now.current.text !== here) return;
      const isSaid = messages.current.some((message) => message.author === address && message.text === there);
      switch (whatNow({ here, there, stood: standing.get(name) ?? "", isSaid })) {
        case "take":
          stands(name, there);
          take.current(there);
          break;
        case "remove":
          put(name, null);
      }
    };
    meet().catch(() => undefined);
    return () => {
      isHere = false;
    };
    // Once more when what this browser keeps is there: until then nothing seems to be.
  }, [name, data, isKept, address, isEmpty]);
  useEffect(() => {
    if (!isKept) return;
    return () => {
      // Whoever leaves the ticket may go on elsewhere.
      const left = now.current;
      if (left.text !== "" && left.text !== standing.get(name) && left.text.length <= LETTERS_MAX) put(name, left);
    };
  }, [name, isKept]);
  useEffect(() => {
    if (!isKept || text === (standing.get(name) ?? "") || text.length > LETTERS_MAX) return;
    const rest = setTimeout(() => put(name, now.current.text === "" ? null : now.current), REST_MS);
    return () => clearTimeout(rest);
  }, [name, text, isKept]);
}
