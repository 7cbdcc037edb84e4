// When adding somebody goes on by itself, once their key is there, and by which name.
import type { KnownName, Standing } from "sealdesk/views";

import type { StaffRole } from "../../worker/admin.ts";

/** Whether signatures that count give somebody the role. */
export const hasRole = (role: StaffRole, { in_circle, counts }: Standing): boolean => (role === "administrator" ? in_circle : in_circle || counts);

/** Whether somebody who had no key can be let in now: they have one, may work, and still have the role. Whoever lost it meanwhile is not appointed again unasked. */
export const mayGoOn = (role: StaffRole, now: Standing): boolean => now.active_keys > 0 && now.state === "active" && hasRole(role, now);

/** What the team calls somebody. A nickname of one's own is private, and what they say of themselves is not the team's: neither is written into the desk book. */
export const teamName = (known: KnownName | undefined): string => (known?.source === "desk_book" ? known.name : "");
