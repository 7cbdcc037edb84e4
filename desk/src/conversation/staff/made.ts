// The key that is made for one call, by which its ticket is written: no wallet's, and nobody's who is here.
import { door } from "../../door.ts";
import type { Signer } from "../firstSent.ts";
import { MAY_ARRIVE_MS } from "../sending.ts";

export const MADE: Signer = {
  sequence: () => door.callerSequence(),
  find: async (since, isIt) => (await door.calledSince(since)).find(isIt)?.id ?? null,
  mayArriveMs: MAY_ARRIVE_MS,
};
