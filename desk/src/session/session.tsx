// Who is here: nobody yet, somebody whose keys are locked, or somebody unlocked. Everything below the page's root asks this.
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from "react";

import type { DeskFacts, Opened } from "../../worker/api.ts";
import { door } from "../door.ts";
import { client } from "../queries.ts";

export type At =
  | { at: "starting" }
  | { at: "broken"; error: unknown }
  | { at: "new"; desk: DeskFacts }
  | { at: "locked"; desk: DeskFacts }
  | { at: "meeting"; opened: Opened }
  | { at: "open"; opened: Opened };

interface Session {
  state: At;
  /** After a phrase was made, restored or unlocked. */
  enter(opened: Opened): void;
  /** The twelve words were compared. */
  agree(): Promise<void>;
  lock(): Promise<void>;
  signOut(): Promise<void>;
  restart(): void;
}

const Context = createContext<Session | null>(null);
/** This tab's half of the split key: says nothing without the cookie. */
const SHARE = "share";
/** A link to a desk carries its identity behind the mark that browsers do not send. */
const LINK = /^#desk=([0-9a-f]{64})$/;
const IDLE_MS = 10 * 60_000;
/** What one tab does about keys, all of them do. */
const others = new BroadcastChannel("sealdesk-session");
others.onmessage = () => {
  sessionStorage.removeItem(SHARE);
  location.replace("/");
};

function link(): string | null {
  return LINK.exec(location.hash)?.[1] ?? null;
}

async function begin(): Promise<At> {
  const named = link();
  const { desk, hasVault } = await door.start(named);
  if (!hasVault) return { at: "new", desk };
  const here = sessionStorage.getItem(SHARE);
  if (here !== null) {
    const opened = await door.resume(here).catch(() => null);
    if (opened) return entered(opened);
    sessionStorage.removeItem(SHARE);
  }
  return { at: "locked", desk };
}

function entered(opened: Opened): At {
  const named = link();
  if (named !== null && named !== opened.desk.identity) {
    return { at: "broken", error: new Error("the link names another desk than the one that this browser knows here") };
  }
  return { at: opened.desk.agreed ? "open" : "meeting", opened };
}

export function SessionProvider({ children }: { children: ReactNode }) {
  const [state, setState] = useState<At>({ at: "starting" });

  const restart = useCallback(() => {
    setState({ at: "starting" });
    begin().then(setState, (error: unknown) => setState({ at: "broken", error }));
  }, []);
  useEffect(restart, [restart]);

  const enter = useCallback((opened: Opened) => {
    setState(entered(opened));
    // Without it a reload asks for the passphrase again, and nothing else is lost.
    door.stayUnlocked().then((here) => sessionStorage.setItem(SHARE, here), () => undefined);
  }, []);

  const agree = useCallback(async () => {
    const desk = await door.agree();
    setState((before) => (before.at === "meeting" ? { at: "open", opened: { ...before.opened, desk } } : before));
  }, []);

  const leave = useCallback(
    async (how: "lock" | "signOut") => {
      sessionStorage.removeItem(SHARE);
      others.postMessage(how);
      try {
        await door[how]();
      } finally {
        // Nothing that was opened stays in the page, or in the worker's memory.
        client.clear();
        location.replace("/");
      }
    },
    [],
  );
  const lock = useCallback(() => leave("lock"), [leave]);
  const signOut = useCallback(() => leave("signOut"), [leave]);

  useIdle(state.at === "open" || state.at === "meeting" || state.at === "broken", lock);

  const session = useMemo(
    () => ({ state, enter, agree, lock, signOut, restart }),
    [state, enter, agree, lock, signOut, restart],
  );
  return <Context value={session}>{children}</Context>;
}

/** Locks after ten minutes in which nobody touched the page, asleep or not. */
function useIdle(isOpen: boolean, lock: () => Promise<void>): void {
  useEffect(() => {
    if (!isOpen) return;
    let last = Date.now();
    // Whoever comes back after the time is over, even by waking the computer, does not keep it open.
    const touched = () => {
      if (Date.now() - last > IDLE_MS) void lock();
      else last = Date.now();
    };
    const events = ["pointerdown", "keydown", "wheel", "touchstart"] as const;
    for (const event of events) addEventListener(event, touched, { passive: true, capture: true });
    const timer = setInterval(() => {
      if (Date.now() - last > IDLE_MS) void lock();
    }, 5_000);
    return () => {
      clearInterval(timer);
      for (const event of events) removeEventListener(event, touched, { capture: true });
    };
  }, [isOpen, lock]);
}

export function useSession(): Session {
  const session = useContext(Context);
  if (!session) throw new Error("the page has no session here");
  return session;
}

/** Who is unlocked. Only below a page that is shown to them alone. */
export function useOpened(): Opened {
  const { state } = useSession();
  if (state.at !== "open") throw new Error("nobody is unlocked here");
  return state.opened;
}
