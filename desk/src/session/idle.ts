// Ten minutes in which nobody touches any tab lock all of them.
import { useEffect } from "react";

export const IDLE_MS = 10 * 60_000;
const LOOK_MS = 5_000;
/** How often a tab notes that somebody is here, for the others: a tab that the browser froze reads it when it wakes, before it judges. */
const NOTE_MS = 5_000;
const KEPT = "touched";

/** When somebody was here last, by what this tab saw and what any tab noted. A note from the future says nothing: clocks are set back. */
export function lastTouch(own: number, noted: string | null, now: number): number {
  const time = Number(noted ?? 0);
  return Number.isFinite(time) && time <= now ? Math.max(own, time) : own;
}

/** Whether somebody touched any tab within the time; `since` a moment, where one is given. */
export function isTouched(since?: number): boolean {
  const touch = lastTouch(0, localStorage.getItem(KEPT), Date.now());
  return since === undefined ? Date.now() - touch <= IDLE_MS : touch > since;
}

/** Notes that somebody is here. */
export function touch(): void {
  localStorage.setItem(KEPT, String(Date.now()));
}

/** Locks when the time is over, asleep or not. */
export function useIdle(isOpen: boolean, lock: () => Promise<void>): void {
  useEffect(() => {
    if (!isOpen) return;
    let own = Date.now();
    let noted = 0;
    const isOver = () => Date.now() - lastTouch(own, localStorage.getItem(KEPT), Date.now()) > IDLE_MS;
    // Whoever comes back after the time is over, even by waking the computer, does not keep it open.
    const touched = () => {
      if (isOver()) return void lock();
      own = Date.now();
      if (own - noted < NOTE_MS) return;
      noted = own;
      touch();
    };
    const events = ["pointerdown", "keydown", "wheel", "touchstart"] as const;
    for (const event of events) addEventListener(event, touched, { passive: true, capture: true });
    const timer = setInterval(() => isOver() && void lock(), LOOK_MS);
    return () => {
      clearInterval(timer);
      for (const event of events) removeEventListener(event, touched, { capture: true });
    };
  }, [isOpen, lock]);
}
