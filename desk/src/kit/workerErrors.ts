// What goes wrong in this browser, by the kind that the worker tells.
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";

import type { WorkerErrorKind } from "../../worker/workerError.ts";

export const WORDS: Record<WorkerErrorKind, MessageDescriptor> = {
  claim_damaged: msg`This link is damaged. Copy all of it, or ask support for another one.`,
  claim_missing: msg`This page no longer knows which link you followed. Open the link again.`,
  claim_taken: msg`Someone else already has this ticket. Ask support for another link.`,
  erasure_refused: msg`The node refused to erase it: {said}`,
  erasure_unknown: msg`The node did not finish its answer, so it is not known whether they were destroyed. Try again: repeating it does no harm.`,
  erasure_untrue: msg`The node says that it erased the text, but still returns it.`,
  file_gone: msg`A file is no longer there. Attach it again.`,
  half_refused: msg`The desk did not keep its half of the key.`,
  invitation_empty: msg`This invitation has no code. Ask for another one.`,
  keys_gone: msg`This browser no longer keeps your keys. Restore them from your recovery phrase.`,
  keys_kept: msg`This browser already keeps someone's keys. Load the page again.`,
  locked: msg`This page is locked. Unlock it again.`,
  no_desk: msg`This browser has not been connected to a desk yet.`,
  no_notices: msg`This desk sends no notifications.`,
  not_kept: msg`This browser could not store it.`,
  page_incomplete: msg`The page did not load completely. Load it again.`,
  piece_refused: msg`The desk did not accept the file: {said}`,
  piece_withheld: msg`The desk did not return the file: {said}`,
  piece_wrong: msg`The desk returned something that is not part of the file.`,
  still_going: msg`This is already running. Wait until it is done.`,
  ticket_withheld: msg`The node does not show this key's ticket.`,
  tickets_withheld: msg`The node does not show all tickets of this account, so it is not known whether this one is there.`,
};
