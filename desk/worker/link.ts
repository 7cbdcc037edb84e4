// What a link says of the desk that it leads to. All of it stands behind the mark that browsers do not send.
import { Identity, Invitation } from "sealdesk";

import { WorkerError } from "./workerError.ts";

/** A link that was read. */
export interface Link {
  /** The ledger that it names, in hex. */
  identity: string;
  /** What whoever invites calls themselves. */
  inviter: string | null;
  /** What lets a new account in, where the desk asks for it. */
  code: string | null;
  /** The words of the key by which a ticket was written for whoever has the link. */
  claim: string | null;
}

const DESK = /#desk=([0-9a-f]{64})(?:&claim=([^&]*))?$/;

/** Reads the link to a desk, or the line of an invitation; throws what is wrong with it. */
export function linkOf(line: string): Link {
  const [, identity, claim] = DESK.exec(line) ?? [];
  if (identity !== undefined) return { identity, inviter: null, code: null, claim: claim === undefined ? null : wordsOf(claim) };
  const invitation = Invitation.parse(line);
  try {
    return { identity: invitation.identity, inviter: invitation.inviter ?? null, code: invitation.code ?? null, claim: null };
  } finally {
    invitation.free();
  }
}

function wordsOf(claim: string): string {
  const words = claim.replaceAll("-", " ");
  try {
    new Identity(words).free();
  } catch {
    throw new WorkerError("claim_damaged", "this link is damaged where it names a ticket: copy all of it, or ask support for another one");
  }
  return words;
}
