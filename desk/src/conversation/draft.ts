// What somebody has typed and not sent, kept sealed in this browser, so that a crash or a reload loses nothing.
import { useCallback, useEffect, useRef, useState } from "react";

import { door } from "../door.ts";

/** How long after the last letter a draft is kept. */
const REST_MS = 400;

/** The draft of a name, how to change it, and how to drop it when it was sent. */
export function useDraft(name: string): [string, (text: string) => void, () => Promise<void>] {
  const [text, setText] = useState("");
  const pending = useRef<{ timer: ReturnType<typeof setTimeout>; text: string } | null>(null);

  const flush = useCallback(() => {
    if (!pending.current) return;
    clearTimeout(pending.current.timer);
    // A browser that keeps nothing loses a draft on reload; the text in front of the person stays.
    void door.saveDraft(name, pending.current.text).catch(() => undefined);
    pending.current = null;
  }, [name]);

  useEffect(() => {
    let isHere = true;
    setText("");
    door.draft(name).then(
      (kept) => isHere && kept !== null && setText((typed) => (typed === "" ? kept : typed)),
      () => undefined,
    );
    const hidden = () => document.visibilityState === "hidden" && flush();
    document.addEventListener("visibilitychange", hidden);
    return () => {
      isHere = false;
      document.removeEventListener("visibilitychange", hidden);
      flush();
    };
  }, [name, flush]);

  const change = useCallback(
    (next: string) => {
      setText(next);
      if (pending.current) clearTimeout(pending.current.timer);
      pending.current = { text: next, timer: setTimeout(flush, REST_MS) };
    },
    [flush],
  );
  const drop = useCallback(async () => {
    if (pending.current) clearTimeout(pending.current.timer);
    pending.current = null;
    setText("");
    await door.saveDraft(name, "").catch(() => undefined);
  }, [name]);
  return [text, change, drop];
}
