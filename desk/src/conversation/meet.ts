// What becomes of a draft that two devices know.

interface Both {
  /** What this browser keeps; empty where there is none. */
  here: string;
  /** What stands on the ledger. */
  there: string;
  /** What this browser last knew to stand there. */
  stood: string;
  /** Whether what stands there was sent already. */
  isSaid: boolean;
}

/**
 * `take`: another device went on with it, sent it, or threw it away, and here nothing was typed since. `remove`: it was sent, and the ledger
 * offers it still. `leave`: what was typed here stays as it is.
 */
export function whatNow({ here, there, stood, isSaid }: Both): "take" | "remove" | "leave" {
  if (there !== "" && isSaid) return "remove";
  // Sent or thrown away here, before that could be written there.
  if (here === "" && stood !== "" && there === stood) return "remove";
  return here === stood && there !== here ? "take" : "leave";
}
