import type { Inbox } from "sealdesk/views";

/** Whether writing a ticket is what a page is there for first: in the list of somebody who has some. Beside a form, or "Write the first ticket", another button is. */
export const isFirst = (pathname: string, inbox: Pick<Inbox, "own" | "closed"> | undefined): boolean =>
  pathname === "/" && inbox !== undefined && inbox.own.length + inbox.closed.length > 0;
