// What a row of the table does for whom: some are another act to somebody else, and some are none.
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import type { QueueRole } from "sealdesk/views";

import { shortcut, type ActionId } from "./table.ts";

const CALLER = msg`A ticket for a caller`;
const TO_ME = msg`Assign to me`;

/** Its name for this person; null where it can never be theirs. */
export function nameFor(id: ActionId, role: QueueRole | undefined): MessageDescriptor | null {
  if (role === undefined || role.role === "customer") return shortcut(id).name;
  if (id === "newTicket") return CALLER;
  if (id === "take") return role.role === "administrator" ? TO_ME : role.takes ? shortcut("take").name : null;
  // Agents assign nothing; where the queue is open they take what nobody has, by the same key.
  if (id === "assign" && role.role !== "administrator") return role.takes ? shortcut("take").name : null;
  return shortcut(id).name;
}
