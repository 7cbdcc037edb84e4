// Ten minutes without a touch lock the page.
import { useEffect } from "react";

const IDLE_MS = 10 * 60_000;
const LOOK_MS = 5_000;
/** How often one tab tells the others that somebody is here. */
const TELL_MS = 5_000;
const CHANNEL = "sealdesk-touched";

/** Locks after ten minutes in which nobody touched the page, asleep or not. */
export function useIdle(isOpen: boolean, lock: () => Promise<void>): void {
  useEffect(() => {
    if (!isOpen) return;
    let last = Date.now();
    let told = 0;
    // Who works in one tab has not left the others.
    const tabs = new BroadcastChannel(CHANNEL);
    tabs.onmessage = () => (last = Date.now());
    // Whoever comes back after the time is over, even by waking the computer, does not keep it open.
    const touched = () => {
      if (Date.now() - last > IDLE_MS) return void lock();
      last = Date.now();
      if (last - told < TELL_MS) return;
      told = last;
      tabs.postMessage(null);
    };
    const events = ["pointerdown", "keydown", "wheel", "touchstart"] as const;
    for (const event of events) addEventListener(event, touched, { passive: true, capture: true });
    const timer = setInterval(() => {
      if (Date.now() - last > IDLE_MS) void lock();
    }, LOOK_MS);
    return () => {
      clearInterval(timer);
      tabs.close();
      for (const event of events) removeEventListener(event, touched, { capture: true });
    };
  }, [isOpen, lock]);
}
