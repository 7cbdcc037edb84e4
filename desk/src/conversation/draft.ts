// What somebody has typed and not sent, kept sealed in this browser, so that a crash or a reload loses nothing.
import { useCallback, useEffect, useRef, useState } from "react";

import { door } from "../door.ts";
import { beforeLeaving } from "../offline/leaving.ts";

/** How long after the last letter a draft is kept. */
const REST_MS = 400;

/** What this tab's person typed, and has not sent. */
interface Typed {
  /** The draft's name: a page that shows another one meanwhile keeps this text under its own. */
  name: string;
  text: string;
  isKept: boolean;
  timer: ReturnType<typeof setTimeout>;
}

/** Somewhere on the page a draft is shown. */
export interface Shower {
  /** What was typed here; null where the text is as it was kept. */
  typed(): string | null;
  /** Keeps what was typed here, before anything else happens. */
  keep(): Promise<void>;
  /** What was typed here is to be kept again: something else took its place. */
  again(): void;
  show(text: string): void;
}

/** What was sent of a draft. Other tabs hear its digest: the text stays sealed. */
interface Sent {
  name: string;
  digest: string;
}

const shown = new Map<string, Set<Shower>>();
const others = new BroadcastChannel("sealdesk-drafts");
others.onmessage = ({ data }: MessageEvent<Sent>) => {
  if (shown.has(data.name)) void door.draft(data.name).then((rest) => settle(data, rest ?? "")).catch(() => undefined);
};

/** A draft is shown here from now on, until what is returned is called. */
export function shows(name: string, shower: Shower): () => void {
  const all = shown.get(name) ?? new Set();
  shown.set(name, all.add(shower));
  return () => {
    all.delete(shower);
    if (all.size === 0) shown.delete(name);
  };
}

/** All that show one draft in this tab show what is typed in one of them: what stands there is one text. */
export function typedIn(name: string, shower: Shower, text: string): void {
  for (const other of shown.get(name) ?? []) if (other !== shower) other.show(text);
}

/** What was typed elsewhere in this tab, which may be on its way to where it is kept; null where nothing was. */
const typedElsewhere = (name: string, shower: Shower): string | null => {
  for (const other of shown.get(name) ?? []) {
    const text = other === shower ? null : other.typed();
    if (text !== null) return text;
  }
  return null;
};

async function digestOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest)).join();
}

/** All tabs of a browser have one draft of a ticket. What was typed in one of them, and is not what another one sent, stays. */
async function settle({ name, digest }: Sent, rest: string): Promise<void> {
  for (const shower of shown.get(name) ?? []) {
    const typed = shower.typed();
    const isSent = typed === null || typed === "" || (await digestOf(typed)) === digest;
    // Whoever went on typing meanwhile has not sent what stands there now.
    if (isSent && shower.typed() === typed) shower.show(rest);
    else shower.again();
  }
}

/** Puts a draft aside whose text was sent. What somebody typed meanwhile, here or in another tab, was not sent, and stays. */
export async function dropSent(name: string, sent: string): Promise<void> {
  const told: Sent = { name, digest: await digestOf(sent) };
  // A browser that keeps nothing has nothing to drop.
  const rest = await door.dropDraft(name, sent).catch(() => null);
  await settle(told, rest ?? "");
  others.postMessage(told);
}

beforeLeaving("kept", () => Promise.all([...shown.values()].flatMap((all) => [...all].map((shower) => shower.keep()))));

type Draft = [text: string, change: (text: string) => void, drop: (sent: string) => Promise<void>, keep: () => Promise<void>];

/** The draft of a name, how to change it, how to drop what was sent of it, and how to keep it before anything else happens. */
export function useDraft(name: string): Draft {
  const [text, setText] = useState("");
  const typed = useRef<Typed | null>(null);
  const mine = useRef<Shower | null>(null);

  // What stands here is what its person sends, whatever another tab kept meanwhile.
  const keep = useCallback(async () => {
    const now = typed.current;
    if (!now) return;
    clearTimeout(now.timer);
    await door.saveDraft(now.name, now.text);
    now.isKept = true;
  }, []);
  const flush = useCallback(() => {
    // A browser that keeps nothing loses a draft on reload; the text in front of the person stays.
    if (typed.current?.isKept === false) void keep().catch(() => undefined);
  }, [keep]);
  const change = useCallback(
    (text: string) => {
      setText(text);
      if (typed.current) clearTimeout(typed.current.timer);
      typed.current = { name, text, isKept: false, timer: setTimeout(flush, REST_MS) };
      if (mine.current) typedIn(name, mine.current, text);
    },
    [name, flush],
  );

  useEffect(() => {
    let isHere = true;
    const shower: Shower = {
      typed: () => typed.current?.text ?? null,
      keep,
      again: () => typed.current !== null && change(typed.current.text),
      show(text) {
        if (typed.current) clearTimeout(typed.current.timer);
        typed.current = null;
        setText(text);
      },
    };
    mine.current = shower;
    const left = shows(name, shower);
    const elsewhere = typedElsewhere(name, shower);
    setText(elsewhere ?? "");
    if (elsewhere === null) {
      door.draft(name).then(
        (kept) => isHere && kept !== null && setText((typed) => (typed === "" ? kept : typed)),
        () => undefined,
      );
    }
    const hidden = () => document.visibilityState === "hidden" && flush();
    document.addEventListener("visibilitychange", hidden);
    return () => {
      isHere = false;
      left();
      mine.current = null;
      document.removeEventListener("visibilitychange", hidden);
      flush();
      typed.current = null;
    };
  }, [name, flush, keep, change]);

  const drop = useCallback((sent: string) => dropSent(name, sent).catch(() => undefined), [name]);
  return [text, change, drop, keep];
}
