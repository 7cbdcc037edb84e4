// What was found, by ticket and message, with the words marked; and what was not looked into.
import type { MessageDescriptor } from "@lingui/core";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { type KeyboardEvent, type RefObject, useMemo, useRef } from "react";
import type { Ticket } from "sealdesk/views";

import type { Marked as MarkedText, Found } from "../../worker/scan.ts";
import { steady } from "../kit/letters.ts";
import { useLate } from "../files/late.ts";
import { useAction } from "../keyboard/actions.ts";
import { pressIfThere, type Resting } from "../keyboard/resting.ts";
import { Problem } from "../kit/Problem.tsx";
import { When } from "../kit/When.tsx";
import { CUSTOMER_STATUS, STATUS, tone } from "../queue/words.ts";
import { Filters, OF_CUSTOMERS } from "./Filters.tsx";
import { asked, FILTERS, nearest } from "./filters.ts";
import { type Listed, newestFirst } from "./listed.ts";
import { NotSearched, Reading } from "./NotSearched.tsx";
import { useSearch } from "./search.ts";
import { useSpoken } from "./spoken.ts";

interface ResultsProps {
  listed: Listed;
  query: string;
  chosen: string | undefined;
  /** What keys led to is opened by. */
  resting: Resting;
}

export default function Results({ listed, query, chosen, resting }: ResultsProps) {
  const { tickets: all, isCustomer, more, is } = listed;
  const tickets = useMemo(() => newestFirst(all()), [all]);
  const { t } = useLingui();
  const spoken = useSpoken();
  const { words, narrowing, wrong, last } = useMemo(() => asked(query, tickets, spoken, is), [query, tickets, spoken, is]);
  const { answer, error, progress } = useSearch(words, narrowing, tickets);
  const isLate = useLate(answer === null && error === null);
  const box = useRef<HTMLDivElement>(null);
  useResultWalk({ box, isThere: answer !== null && answer.found.length > 0, chosen, resting });
  if (error !== null) {
    return (
      <div className="column">
        <Problem error={error} />
      </div>
    );
  }
  const found = answer?.found ?? [];
  const near = answer?.count === 0 ? nearest(words, spoken, isCustomer ? OF_CUSTOMERS : FILTERS) : null;
  return (
    <div ref={box} className="scroll" onKeyDown={walk}>
      <Filters query={query} last={last} wrong={wrong} spoken={spoken} tickets={tickets} isCustomer={isCustomer} />
      <p className="search-said quiet small" role="status">
        {answer && <Count count={answer.count} shown={found.length} isNarrowed={narrowing !== null} />}
      </p>
      {isLate && <div className="bar-progress" role="progressbar" aria-label={t`Opening what this browser keeps`} />}
      <Reading coverage={answer?.coverage} progress={progress} />
      {answer?.count === 0 && near && (
        <p className="search-said small">
          <Trans>
            “{near.written}” is no filter. Do you mean “{near.filter}”?
          </Trans>
        </p>
      )}
      {answer?.count === 0 && words !== "" && !near && (
        <p className="search-said small">
          <Trans>Parts of words are found too, whatever their case and accents. Fewer or shorter words find more.</Trans>
        </p>
      )}
      <ul>
        {found.map((one) => (
          <li key={one.ticket}>
            <Row found={one} ticket={tickets.get(one.ticket)} isCustomer={isCustomer} isChosen={one.ticket === chosen} />
          </li>
        ))}
      </ul>
      <NotSearched coverage={answer?.coverage} more={more} />
    </div>
  );
}

function Count({ count, shown, isNarrowed }: { count: number; shown: number; isNarrowed: boolean }) {
  if (isNarrowed) {
    return count > shown ? (
      <Trans>
        {count} tickets found, these are the first {shown}
      </Trans>
    ) : (
      <Plural value={count} _0="No tickets found" one="# ticket found" other="# tickets found" />
    );
  }
  return count > shown ? (
    <Trans>
      {count} tickets have these words, these are the first {shown}
    </Trans>
  ) : (
    <Plural value={count} _0="Nothing has all of these words" one="# ticket has these words" other="# tickets have these words" />
  );
}

/** J and K go from result to result, as through the list that these stand in the place of; Enter is the browser's own, on a link. */
function useResultWalk({ box, isThere, chosen, resting }: { box: RefObject<HTMLElement | null>; isThere: boolean } & Pick<ResultsProps, "chosen" | "resting">): void {
  const move = (by: number) => {
    const links = [...(box.current?.querySelectorAll<HTMLElement>("a.found") ?? [])];
    const focused = links.indexOf(document.activeElement as HTMLElement);
    const at = focused >= 0 ? focused : links.findIndex((link) => link.ariaCurrent === "page");
    const next = links[at < 0 ? 0 : Math.max(0, Math.min(links.length - 1, at + by))];
    next?.focus();
    if (chosen !== undefined && next) resting.soon(() => pressIfThere(next));
  };
  useAction("next", isThere ? () => move(1) : undefined);
  useAction("previous", isThere ? () => move(-1) : undefined);
}

/** Arrows go from result to result, and up from the first one back to the field. */
function walk(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  const links = [...event.currentTarget.querySelectorAll("a")];
  const next = links[links.indexOf(event.target as HTMLAnchorElement) + step];
  if (next) next.focus();
  else if (step < 0) document.getElementById("search")?.focus();
}

function Row({ found, ticket, isCustomer, isChosen }: { found: Found; ticket: Ticket | undefined; isCustomer: boolean; isChosen: boolean }) {
  const { i18n } = useLingui();
  const say = (message: MessageDescriptor) => i18n._(message);
  return (
    <Link className="ticket found" to="/tickets/$id" params={{ id: found.ticket }} aria-current={isChosen ? "page" : undefined}>
      <span className="subject" dir="auto">
        {found.subject ? <Marked marked={found.subject} /> : found.ticket}
      </span>
      <When at={ticket?.updated_at ?? null} />
      <span className="said-here" dir="auto">
        {found.isNote && (
          <span className="kind">
            <Trans>Note:</Trans>{" "}
          </span>
        )}
        <Marked marked={found.said} />
      </span>
      <span className="below">
        {ticket && <span className={`tag ${tone(ticket.status, isCustomer)}`}>{say((isCustomer ? CUSTOMER_STATUS : STATUS)[ticket.status])}</span>}{" "}
        <span className="numbers">{found.ticket}</span>
      </span>
    </Link>
  );
}

/** A text with the found words marked: elements, never markup of others. */
function Marked({ marked: { text: written, marks } }: { marked: MarkedText }) {
  const text = steady(written);
  const ends = [0, ...marks.map(([, to]) => to)];
  return (
    <>
      {marks.map(([from, to], n) => (
        <span key={from}>
          {text.slice(ends[n], from)}
          <mark>{text.slice(from, to)}</mark>
        </span>
      ))}
      {text.slice(ends.at(-1))}
    </>
  );
}
