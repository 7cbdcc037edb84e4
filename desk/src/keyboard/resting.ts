// Opening what keys led to, once they rest: while a key is held, tickets that were only passed are not opened.
import { useEffect, useState } from "react";

const REST_MS = 150;

export interface Resting {
  /** Does it after a rest, in the place of what was to be done before. */
  soon(act: () => void): void;
  stop(): void;
}

export function createResting(): Resting {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = () => clearTimeout(timer);
  return {
    stop,
    soon(act) {
      stop();
      timer = setTimeout(act, REST_MS);
    },
  };
}

/** The same as long as this part of the page is there. */
export function useResting(): Resting {
  const [resting] = useState(createResting);
  useEffect(() => resting.stop, [resting]);
  return resting;
}

/** Presses a link that is still there. One that is not belongs to no router any more: the browser would load the page anew. */
export function pressIfThere(link: Pick<HTMLElement, "isConnected" | "click">): void {
  if (link.isConnected) link.click();
}
