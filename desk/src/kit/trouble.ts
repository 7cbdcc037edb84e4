// What goes wrong in this browser, by the kind that the worker tells.
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";

import type { TroubleKind } from "../../worker/trouble.ts";

export const WORDS: Record<TroubleKind, MessageDescriptor> = {
  claim_damaged: msg`This link is damaged where it names a ticket. Copy all of it, or ask support for another one.`,
  claim_missing: msg`No claim link was followed here. Open it again.`,
  claim_taken: msg`This ticket is somebody's already. Ask support for another link.`,
  erasure_refused: msg`The node does not erase it: {said}`,
  erasure_unknown: msg`The node did not answer, or not to its end. Whether it has destroyed them is not known. Do it again, which does no harm.`,
  erasure_untrue: msg`The node says that it is erased, and still gives a text.`,
  file_gone: msg`A file is not there any more. Attach it again.`,
  half_refused: msg`The desk did not keep its half.`,
  invitation_empty: msg`This invitation has no code. Ask for another one.`,
  keys_gone: msg`This browser no longer keeps your keys. Restore them from your recovery phrase.`,
  keys_kept: msg`This browser keeps somebody's keys already. Load the page again.`,
  locked: msg`It is locked. Unlock it again.`,
  no_desk: msg`No desk was met yet.`,
  no_notices: msg`This desk sends no notices.`,
  not_kept: msg`This browser did not keep it.`,
  page_incomplete: msg`The page could not load all of itself. Load it again.`,
  piece_refused: msg`The desk does not take the file: {said}`,
  piece_withheld: msg`The desk does not give the file: {said}`,
  piece_wrong: msg`The desk gives something else than a piece of a file.`,
  still_going: msg`Something of the kind goes on already. Wait until it is done.`,
  ticket_withheld: msg`The node does not show the ticket of this key.`,
  tickets_withheld: msg`The node does not show all tickets of this account. Whether it has this one is not known.`,
};
