// What somebody has typed and not sent, kept sealed in this browser, so that a crash or a reload loses nothing.
import { useCallback, useEffect, useRef, useState } from "react";

import { door } from "../door.ts";

/** How long after the last letter a draft is kept. */
const REST_MS = 400;

/** Whoever shows a draft hears when it was sent, or put aside, elsewhere on the page. */
const shown = new Map<string, Set<(text: string, isOwn: boolean) => void>>();
/** What this tab has typed and not kept yet, by whoever shows it. */
const keepers = new Map<string, Set<() => Promise<void>>>();
/** And in other tabs. Only the name is told: the text stays sealed. */
const others = new BroadcastChannel("sealdesk-drafts");
others.onmessage = ({ data }: MessageEvent<unknown>) => {
  const shows = typeof data === "string" ? shown.get(data) : undefined;
  if (shows && shows.size > 0) door.draft(String(data)).then((text) => shows.forEach((show) => show(text ?? "", false)), () => undefined);
};

/** Puts a text in a draft's place, wherever it is shown. */
export async function replaceDraft(name: string, text: string): Promise<void> {
  for (const show of shown.get(name) ?? []) show(text, true);
  await door.saveDraft(name, text);
  others.postMessage(name);
}

/** Puts a draft aside whose text was sent. What somebody typed meanwhile, here or in another tab, was not sent, and stays. */
export async function dropSent(name: string, sent: string): Promise<void> {
  for (const keep of keepers.get(name) ?? []) await keep();
  const kept = await door.draft(name);
  if (kept === null || kept === sent) return replaceDraft(name, "");
  for (const show of shown.get(name) ?? []) show(kept, true);
}

type Draft = [text: string, change: (text: string) => void, drop: (sent: string) => Promise<void>, keep: () => Promise<void>];

/** The draft of a name, how to change it, how to drop what was sent of it, and how to keep it before anything else happens. */
export function useDraft(name: string): Draft {
  const [text, setText] = useState("");
  const pending = useRef<{ timer: ReturnType<typeof setTimeout>; text: string } | null>(null);

  const keep = useCallback(async () => {
    if (!pending.current) return;
    clearTimeout(pending.current.timer);
    const { text } = pending.current;
    pending.current = null;
    await door.saveDraft(name, text);
  }, [name]);
  // A browser that keeps nothing loses a draft on reload; the text in front of the person stays.
  const flush = useCallback(() => void keep().catch(() => undefined), [keep]);

  useEffect(() => {
    let isHere = true;
    setText("");
    door.draft(name).then(
      (kept) => isHere && kept !== null && setText((typed) => (typed === "" ? kept : typed)),
      () => undefined,
    );
    const show = (text: string, isOwn: boolean) => {
      // What is being typed here is not taken away by another tab.
      if (!isOwn && pending.current) return;
      if (pending.current) clearTimeout(pending.current.timer);
      pending.current = null;
      setText(text);
    };
    const all = shown.get(name) ?? new Set();
    shown.set(name, all.add(show));
    const kept = keepers.get(name) ?? new Set();
    keepers.set(name, kept.add(keep));
    const hidden = () => document.visibilityState === "hidden" && flush();
    document.addEventListener("visibilitychange", hidden);
    return () => {
      isHere = false;
      all.delete(show);
      kept.delete(keep);
      document.removeEventListener("visibilitychange", hidden);
      flush();
    };
  }, [name, flush, keep]);

  const change = useCallback(
    (next: string) => {
      setText(next);
      if (pending.current) clearTimeout(pending.current.timer);
      pending.current = { text: next, timer: setTimeout(flush, REST_MS) };
    },
    [flush],
  );
  const drop = useCallback((sent: string) => dropSent(name, sent).catch(() => undefined), [name]);
  return [text, change, drop, keep];
}
