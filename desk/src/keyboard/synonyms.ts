// Other words for commands: what other desks and programs call them, so that the palette finds them by those, too. Whoever translates writes down what
// people say in their language, and keeps the English words that they use beside it.
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";

import type { ActionId } from "./table.ts";

type Part = "people" | "administrators" | "keys" | "rules" | "documents" | "health" | "charts";
type Document = "office-hours" | "sla" | "desk";

/** By the line's id: an act of the table, `replies`, where canned replies and macros are written, a part of Administration, or a document there. */
export const SYNONYMS: Partial<Record<ActionId | "replies" | `admin ${Part}` | `document ${Document}`, MessageDescriptor>> = {
  help: msg`help, hotkeys, key bindings`,
  search: msg`find, look up`,
  undo: msg`unsend, take back, revert`,
  lock: msg`log out, sign out`,
  newTicket: msg`create, compose, add`,
  select: msg`mark, check, tick`,
  unread: msg`seen, not seen`,
  showNew: msg`refresh, reload, update`,
  reply: msg`answer, respond`,
  note: msg`internal comment, private comment`,
  assign: msg`unassign, reassign, hand over, delegate, owner`,
  take: msg`claim, assign to me, pick up`,
  startWork: msg`in progress, begin`,
  awaitCustomer: msg`pending, on hold, waiting`,
  resolve: msg`done, solve, finish, complete`,
  snooze: msg`snooze, defer, postpone, remind me`,
  priority: msg`priority, urgency, severity`,
  tag: msg`label, labels, keywords`,
  link: msg`relate, connect, reference`,
  transfer: msg`change customer, move, requester`,
  close: msg`archive, end`,
  reopen: msg`reopen, undo resolve`,
  readers: msg`access, permissions, encryption, seal`,
  goMine: msg`my tickets, inbox, assigned to me`,
  goUnassigned: msg`new, queue, nobody has it`,
  goPriority: msg`all, urgency`,
  goWaiting: msg`pending, on hold`,
  goDue: msg`late, deadline, SLA`,
  goSnoozed: msg`snoozed, deferred, postponed`,
  goResolved: msg`done, solved`,
  goClosed: msg`archive, archived`,
  goTickets: msg`home, list`,
  goSettings: msg`preferences, options, profile`,
  replies: msg`macro, macros, templates, snippets, saved replies`,
  "admin people": msg`agents, users, team, staff, members, invite, roles, permissions`,
  "admin administrators": msg`admins, votes, circle, owners`,
  "admin keys": msg`devices, revoke, revocation`,
  "admin rules": msg`settings, limits, queue, auto-close, attachments`,
  "admin documents": msg`branding, publish, policy`,
  "admin health": msg`status, monitoring, uptime, disk, backups, webhooks`,
  "admin charts": msg`reports, statistics, analytics, metrics, dashboard`,
  "document office-hours": msg`hours, business hours, opening hours, working hours, holidays, time zone`,
  "document sla": msg`SLA, service levels, response times, deadlines`,
  "document desk": msg`branding, logo, theme, accent`,
};
