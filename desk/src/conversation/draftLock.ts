// One tab of a browser sends a draft. A tab that ends lets go of it by that, so that another one, or the same after a reload, can go on at once.
import type { Sending } from "../../worker/ticket.ts";
import { door } from "../door.ts";
import { forgetFiles } from "../files/chosen.ts";
import { dropSent } from "./draft.ts";

/** How long it is waited for another tab that may only be tidying up, in milliseconds. */
const PATIENCE_MS = 3_000;

/** Does this while no other tab can send the draft. Throws `elsewhere` where one does. */
export function holding<T>(draft: string, elsewhere: () => Error, work: () => Promise<T>): Promise<T> {
  let isHeld = false;
  const held = () => {
    isHeld = true;
    return work();
  };
  return navigator.locks.request(`sealdesk-sending/${draft}`, { signal: AbortSignal.timeout(PATIENCE_MS) }, held).catch((error: unknown) => {
    throw isHeld ? error : elsewhere();
  });
}

/** What came of an interrupted message is known: `there` is the text that is on the ledger, null where there is none. Whoever sends it again meanwhile is
 * left alone. `false` where somebody does, or did. */
export async function settled(draft: string, sending: Sending, there: string | null): Promise<boolean> {
  return holding(draft, () => new Error("somebody sends it again"), async () => {
    if ((await door.sending(draft))?.since !== sending.since) return false;
    await finished(draft, there);
    return true;
  });
}

/** Ends the sending of a draft that this tab holds: what is `there`, on the ledger, is dropped with its files, and the mark after that. */
export async function finished(draft: string, there: string | null): Promise<void> {
  if (there !== null) {
    await dropSent(draft, there);
    await forgetFiles(draft);
  }
  await door.endSending(draft);
}
