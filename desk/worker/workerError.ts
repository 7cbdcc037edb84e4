// What goes wrong in this worker itself, by kinds for which the page has words in each of its languages (src/kit/workerErrors.ts). What the node or
// the module says comes in their own words.

export type WorkerErrorKind =
  | "claim_damaged"
  | "claim_missing"
  | "claim_taken"
  | "erasure_refused"
  | "erasure_unknown"
  | "erasure_untrue"
  | "file_gone"
  | "half_refused"
  | "invitation_empty"
  | "keys_gone"
  | "keys_kept"
  | "locked"
  | "no_desk"
  | "no_notices"
  | "not_kept"
  | "page_incomplete"
  | "piece_refused"
  | "piece_withheld"
  | "piece_wrong"
  | "still_going"
  | "ticket_withheld"
  | "tickets_withheld";

/** A fault with a kind. Its message is English, for programs and for a page that cannot load its words. */
export class WorkerError extends Error {
  constructor(
    readonly kind: WorkerErrorKind,
    message: string,
    /** What the node said of it. */
    readonly said?: string,
  ) {
    super(said === undefined ? message : `${message}: ${said}`);
  }
}
