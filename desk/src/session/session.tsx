// Who is here: nobody yet, somebody whose keys are locked, or somebody unlocked. Everything below the page's root asks this.
import { t } from "@lingui/core/macro";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from "react";

import type { DeskFacts, Opened, Started } from "../../worker/api.ts";
import { door, end } from "../door.ts";
import { CACHE } from "../offline/copy.ts";
import { client, keys } from "../queries.ts";
import { isTouched, touch, useIdle } from "./idle.ts";
import { forgetLink, linked } from "./link.ts";

export type At =
  | { at: "starting"; isNew?: boolean }
  | { at: "broken"; error: unknown }
  | { at: "new"; desk: DeskFacts; inviter: string | null; claims: boolean }
  | { at: "locked"; isAway: boolean; passkeys: string[] }
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
/** How often the time begins again after which the node opens its half no more: well within its ten minutes. */
const STAY_MS = 4 * 60_000;
/** What one tab does about keys, all of them do. */
const others = new BroadcastChannel("sealdesk-session");
others.onmessage = ({ data }: MessageEvent<"lock" | "signOut">) => {
  forgetHere(data);
  gone();
};
/** How long the node is waited for, whose half is to be forgotten: a lock is one at once, whether the node answers or not. */
const WAIT_MS = { lock: 1_500, signOut: 5_000 };
/** Whether this tab has locked: whatever is still under way keeps nothing after that. */
let isLeft = false;

let isSignedOut = false;

/** Whether somebody signed out here: nothing is kept for them any more. */
export const hasSignedOut = (): boolean => isSignedOut;

/** What this tab keeps of an unlocked person; and where they sign out everything, whether the browser takes the desk's word to clear it or not. */
function forgetHere(how: "lock" | "signOut"): void {
  isLeft = true;
  isSignedOut = how === "signOut";
  // A page takes its time to be replaced: nothing of it is read meanwhile.
  document.documentElement.hidden = true;
  client.clear();
  sessionStorage.removeItem(SHARE);
  if (how === "lock") return;
  sessionStorage.clear();
  localStorage.clear();
  // Of notices, whose push service then says that the device is gone, and the node forgets it; and of the page's copy.
  void navigator.serviceWorker?.getRegistrations().then((all) => all.forEach((one) => void one.unregister()));
  if ("caches" in window) void caches.delete(CACHE);
}

/** Nothing that was opened stays in the worker's memory, or in the page. */
function gone(): void {
  end();
  location.replace("/");
}

async function begin(): Promise<At> {
  const started = await door.start(linked());
  if (started.isOther) return astray();
  if (started.hasVault) {
    const here = sessionStorage.getItem(SHARE);
    // A desk that does not answer has its half of the key.
    const opened = started.desk === null || here === null || !isTouched() ? null : await door.resume(here).catch(() => null);
    if (opened) return admitted(opened);
  }
  sessionStorage.removeItem(SHARE);
  return closed(started);
}

const closed = ({ desk, hasVault, inviter, claims, passkeys }: Started): At =>
  hasVault || desk === null ? { at: "locked", isAway: desk === null, passkeys } : { at: "new", desk, inviter, claims };

function entered(opened: Opened): At {
  return { at: opened.desk.agreed ? "open" : "meeting", opened };
}

/** As `entered`; only now what this person remembers of the desk is open, and may contradict the link by which they came. */
async function admitted(opened: Opened): Promise<At> {
  const line = linked();
  if (line === null) return entered(opened);
  const { isOther, desk } = await door.start(line);
  // A desk that does not answer is asked with the next load, for which the link stays where it is.
  if (desk === null) return entered(opened);
  forgetLink();
  return isOther ? astray() : entered({ ...opened, desk });
}

function astray(): At {
  forgetLink();
  return { at: "broken", error: new Error(t`This link leads to a different desk from the one this browser knows here. Try again to continue without it.`) };
}

/** What a link changes that was followed while the page was open. */
async function followed(before: At): Promise<At> {
  const started = await door.start(linked());
  if (started.isOther) return astray();
  switch (before.at) {
    case "starting":
    case "broken":
      return begin();
    case "new":
    case "locked":
      return closed(started);
    case "meeting":
    case "open":
      if (started.desk === null) return before;
      forgetLink();
      await client.invalidateQueries({ queryKey: keys.claimed });
      return { at: "open", opened: { ...before.opened, desk: started.desk } };
  }
}

/** Keeps this tab's half anew. Without it a reload asks for the passphrase again, and nothing else is lost. */
function stay(): void {
  const keep = (here: string) => {
    if (!isLeft) sessionStorage.setItem(SHARE, here);
  };
  door.stayUnlocked().then(keep, () => undefined);
}

/** The same where somebody is there: where nobody is, the ten minutes do not begin again. */
export function stayIfTouched(): void {
  if (isTouched(Date.now() - STAY_MS)) stay();
}

export function SessionProvider({ children }: { children: ReactNode }) {
  const [state, setState] = useState<At>({ at: "starting" });

  const become = useCallback((next: Promise<At>) => {
    next.then(setState, (error: unknown) => setState({ at: "broken", error }));
  }, []);
  const restart = useCallback(() => {
    setState({ at: "starting" });
    // The welcome is painted before the desk is found: its words need neither the module nor the node.
    const greet = (isNew: boolean) => setState((now) => (isNew && now.at === "starting" && linked() === null ? { at: "starting", isNew } : now));
    door.isNew().then(greet, () => undefined);
    become(begin());
  }, [become]);
  useEffect(restart, [restart]);

  useEffect(() => {
    const changed = () => linked() !== null && become(followed(state));
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, [state, become]);

  const enter = useCallback(
    (opened: Opened) => {
      touch();
      become(admitted(opened));
      stay();
    },
    [become],
  );

  const agree = useCallback(async () => {
    const desk = await door.agree();
    setState((before) => (before.at === "meeting" ? { at: "open", opened: { ...before.opened, desk } } : before));
  }, []);

  const leave = useCallback(
    async (how: "lock" | "signOut") => {
      if (isLeft) return;
      others.postMessage(how);
      forgetHere(how);
      await Promise.race([door[how]().catch(() => undefined), new Promise((resolve) => setTimeout(resolve, WAIT_MS[how]))]);
      gone();
    },
    [],
  );
  const lock = useCallback(() => leave("lock"), [leave]);
  const signOut = useCallback(() => leave("signOut"), [leave]);

  const isUnlocked = state.at === "open" || state.at === "meeting";
  useIdle(isUnlocked || state.at === "broken", lock);
  useEffect(() => {
    if (!isUnlocked) return;
    const timer = setInterval(stayIfTouched, STAY_MS);
    return () => clearInterval(timer);
  }, [isUnlocked]);

  const session = useMemo(
    () => ({ state, enter, agree, lock, signOut, restart }),
    [state, enter, agree, lock, signOut, restart],
  );
  return <Context value={session}>{children}</Context>;
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
