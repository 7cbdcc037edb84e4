// What a link says of the desk that it leads to. All of it stands behind the mark that browsers do not send.
import { Invitation } from "sealdesk";

/** A link that was read. */
export interface Link {
  /** The ledger that it names, in hex. */
  identity: string;
  /** What whoever invites calls themselves. */
  inviter: string | null;
  /** What lets a new account in, where the desk asks for it. */
  code: string | null;
}

const DESK = /#desk=([0-9a-f]{64})$/;

/** Reads the link to a desk, or the line of an invitation; throws what is wrong with it. */
export function linkOf(line: string): Link {
  const identity = DESK.exec(line)?.[1];
  if (identity !== undefined) return { identity, inviter: null, code: null };
  const invitation = Invitation.parse(line);
  try {
    return { identity: invitation.identity, inviter: invitation.inviter ?? null, code: invitation.code ?? null };
  } finally {
    invitation.free();
  }
}
