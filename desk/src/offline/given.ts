// What somebody is given who asks for a file of the page: the network's answer, or the copy's.
import { isNobodys } from "../../worker/away.ts";
import { HASHED, INDEX } from "./copy.ts";

interface Asked {
  name: string;
  /** What the network says, null where nobody answers. It may never come. */
  network: Promise<Response | null>;
  kept(): Promise<Response | undefined>;
  /** Asks the network no longer: nobody waits for what it says. */
  stop(): void;
  /** How long the network is waited for where there is a copy, in milliseconds. */
  patience: number;
}

interface Given {
  answer: Response;
  /** Whether it is the copy's because the network took too long. */
  isLate: boolean;
}

/** Longest that the network is waited for where there is a copy, in milliseconds; a page's other files follow one that was given from it. */
const PATIENCE_MS = 4_000;
const FOLLOWING_MS = 500;
/** For how long they do. */
const FOLLOW_FOR_MS = 30_000;

/** How long the network is waited for, by what came of the last page. Other files say nothing of it: those of a page that it gave are its own to give. */
export class Patience {
  /** When it last kept somebody waiting for a page in vain. */
  #silentAt = Number.NEGATIVE_INFINITY;

  of(name: string): number {
    return name !== INDEX && performance.now() - this.#silentAt < FOLLOW_FOR_MS ? FOLLOWING_MS : PATIENCE_MS;
  }

  gave(name: string, isLate: boolean): void {
    if (name === INDEX) this.#silentAt = isLate ? performance.now() : Number.NEGATIVE_INFINITY;
  }
}

/**
 * Whether the network's answer is not what was asked for: nobody's, or that there is none. A file that has its hash in its name and is missing is one
 * of a page that the node serves no more, which somebody has open, or was given from the copy.
 */
const isNone = (name: string, answer: Response): boolean => isNobodys(answer) || (name.startsWith(HASHED) && answer.status === 404);

/**
 * The network's answer, or the copy's where there is a copy, and the network has no answer in time. One that comes later is for nobody: a page
 * that people have before them is not replaced, and the copy is filled as a whole, by the page, from what the node serves then.
 */
export async function given({ name, network, kept, stop, patience }: Asked): Promise<Given> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), patience);
  });
  const first = await Promise.race([network, late]);
  clearTimeout(timer);
  if (first !== "late" && first !== null && !isNone(name, first)) return { answer: first, isLate: false };
  // A browser whose storage is out of order has no copy.
  const copy = await kept().catch(() => undefined);
  if (copy) {
    // Each that goes on keeps one of the few connections that a browser has for a desk.
    if (first === "late") stop();
    return { answer: copy, isLate: first === "late" };
  }
  return { answer: (await network) ?? Response.error(), isLate: false };
}
