// What can be done with several tickets at once: what each act is called, what is asked for it, and what it does with one of them.
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { Plural } from "@lingui/react/macro";
import type { ReactNode } from "react";
import type { TicketPriority } from "sealdesk/views";

import { addTags } from "../conversation/retag.ts";
import { assignBeside } from "../conversation/staff/assigning.ts";
import { tagsIn } from "../conversation/tags.ts";
import { door } from "../door.ts";
import type { Work } from "./bulk.ts";
import { Agent, Reason, Tags, Until, Urgency } from "./BulkFields.tsx";

export type What = "assign" | "take" | "startWork" | "awaitCustomer" | "resolve" | "close" | "priority" | "snooze" | "tag";

/** What was given for an act so far. */
interface Given {
  agent: string | null;
  priority: TicketPriority | null;
  reason: string;
  /** In Unix seconds. */
  until: number | null;
  tags: string;
}

export const NOTHING: Given = { agent: null, priority: null, reason: "", until: null, tags: "" };

interface FieldsProps {
  given: Given;
  onGive(more: Partial<Given>): void;
}

interface BulkAct {
  title: MessageDescriptor;
  Fields(props: FieldsProps): ReactNode;
  /** What the button does, to how many. */
  Doing(props: { count: number }): ReactNode;
  /** Whether it ends a ticket or puts it off: a reply that is on its way goes before that. */
  buries?: true;
  /** Null as long as something is missing for it. */
  work(given: Given): Work | null;
}

const None = () => null;
const Why = ({ given, onGive }: FieldsProps) => <Reason value={given.reason} onChange={(reason) => onGive({ reason })} />;

export const ACTS: Record<What, BulkAct> = {
  assign: {
    title: msg`Assign these tickets`,
    Fields: ({ given, onGive }) => <Agent value={given.agent} onChange={(agent) => onGive({ agent })} />,
    Doing: ({ count }) => <Plural value={count} one="Assign # ticket" other="Assign # tickets" />,
    work: ({ agent }) => agent === null ? null : (id) => assignBeside(id, agent),
  },
  take: {
    title: msg`Take these tickets`,
    Fields: None,
    Doing: ({ count }) => <Plural value={count} one="Take # ticket" other="Take # tickets" />,
    work: () => (id) => door.take(id),
  },
  startWork: {
    title: msg`Start work on these tickets`,
    Fields: None,
    Doing: ({ count }) => <Plural value={count} one="Start work on # ticket" other="Start work on # tickets" />,
    work: () => (id) => door.startWork(id),
  },
  awaitCustomer: {
    title: msg`Set these tickets to waiting`,
    Fields: None,
    buries: true,
    Doing: ({ count }) => <Plural value={count} one="Set # ticket to waiting" other="Set # tickets to waiting" />,
    work: () => (id) => door.awaitCustomer(id),
  },
  resolve: {
    title: msg`Resolve these tickets`,
    Fields: Why,
    buries: true,
    Doing: ({ count }) => <Plural value={count} one="Resolve # ticket" other="Resolve # tickets" />,
    work: ({ reason }) => (id) => door.resolve(id, reason.trim()),
  },
  close: {
    title: msg`Close these tickets`,
    Fields: Why,
    buries: true,
    Doing: ({ count }) => <Plural value={count} one="Close # ticket" other="Close # tickets" />,
    work: ({ reason }) => (id) => door.close(id, reason.trim()),
  },
  priority: {
    title: msg`Change the priority of these tickets`,
    Fields: ({ given, onGive }) => (
      <>
        <Urgency value={given.priority} onChange={(priority) => onGive({ priority })} />
        <Why given={given} onGive={onGive} />
      </>
    ),
    Doing: ({ count }) => <Plural value={count} one="Change # ticket" other="Change # tickets" />,
    work: ({ priority, reason }) => priority === null ? null : (id) => door.setPriority(id, priority, reason.trim()),
  },
  snooze: {
    title: msg`Put these tickets aside`,
    Fields: ({ given, onGive }) => <Until value={given.until} onChange={(until) => onGive({ until })} />,
    buries: true,
    Doing: ({ count }) => <Plural value={count} one="Put # ticket aside" other="Put # tickets aside" />,
    work: ({ until }) => until === null ? null : (id) => door.act(id, [{ act: "snooze", until }]),
  },
  tag: {
    title: msg`Tag these tickets`,
    Fields: ({ given, onGive }) => <Tags value={given.tags} onChange={(tags) => onGive({ tags })} />,
    Doing: ({ count }) => <Plural value={count} one="Tag # ticket" other="Tag # tickets" />,
    work: ({ tags }) => tagsIn(tags).length === 0 ? null : (id) => addTags(id, tagsIn(tags)),
  },
};
