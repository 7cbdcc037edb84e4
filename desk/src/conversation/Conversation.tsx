// One ticket: what was said, what happened, who can read it, and what this person can do next.
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import { type RefObject, Suspense, type UIEvent, useEffect, useRef, useState } from "react";
import type { Conversation as Opened, Role } from "sealdesk/views";

import { useAction } from "../keyboard/actions.ts";
import { Button } from "../kit/controls.tsx";
import { oneLine } from "../kit/letters.ts";
import { Problem, wordsOf } from "../kit/Problem.tsx";
import { Seal } from "../kit/Seal.tsx";
import { lazy } from "../kit/lost.ts";
import { Cast, castOf } from "../people/cast.ts";
import { AwayLine } from "../offline/NeedsDesk.tsx";
import { orKept } from "../offline/shown.ts";
import { ofLater, staff } from "../pages/parts.ts";
import { client, keys } from "../queries.ts";
import { Actions } from "./Actions.tsx";
import { Composer } from "./Composer.tsx";
import "./conversation.css";
import { Facts } from "./Facts.tsx";
import { Messages } from "./Messages.tsx";

/** What client and protocol say where there is no such ticket: it would be asked for in vain again. */
const NO_SUCH = /has no ticket|is not a ticket id/i;

const Missing = lazy(() => ofLater(() => import("./Missing.tsx")));
const Readers = lazy(() => ofLater(() => import("./Readers.tsx")));

const Offer = lazy(() => import("../notices/Offer.tsx"));
const Presence = lazy(() => staff().then(({ Presence }) => ({ default: Presence })));

export function Conversation({ id, role }: { id: string; role: Role }) {
  const { data, error, refetch, isPending } = useQuery({ queryKey: keys.ticket(id), queryFn: () => orKept("read", id) });
  const isErased = data?.messages[0]?.text === null;
  useEffect(() => {
    // Lists show what they were told before.
    if (isErased) void client.invalidateQueries({ queryKey: keys.summary(id, "").slice(0, 2) });
  }, [isErased, id]);
  if (isPending) return <Loading />;
  if (!data) {
    return (
      <div className="column stack">
        {NO_SUCH.test(wordsOf(error)) ? (
          <Suspense>
            <Missing id={id} />
          </Suspense>
        ) : (
          <Problem error={error} onRetry={() => void refetch()} />
        )}
        <Link to="/">
          <Trans>Back to the tickets</Trans>
        </Link>
      </div>
    );
  }
  return (
    <Cast value={castOf(data)}>
      <Shown key={id} opened={data} role={role} />
    </Cast>
  );
}

/** Nothing for the first 300 ms: most tickets are there before. */
function Loading() {
  const { t } = useLingui();
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 300);
    return () => clearTimeout(timer);
  }, []);
  return isLate ? <div className="bar-progress" role="progressbar" aria-label={t`Opening the ticket`} /> : null;
}

function Shown({ opened, role }: { opened: Opened; role: Role }) {
  const { t } = useLingui();
  const { ticket, messages } = opened;
  const isCustomer = role === "customer";
  const [showsReaders, setShowsReaders] = useState(false);
  const isDoubtful = messages.some((message) => message.warned.length > 0);
  const end = useRef<HTMLDivElement>(null);
  const count = messages.length;
  useAction("readers", () => setShowsReaders(true));
  useEffect(() => {
    if (count > 0) end.current?.scrollIntoView({ block: "end" });
  }, [count]);
  const follow = useFollowed(end, opened);
  const [showsSubject, setShowsSubject] = useState(false);
  const subject = oneLine(messages[0]?.subject) ?? ticket.ticket_id;
  return (
    <article className="conversation" aria-labelledby="subject">
      <header className="head">
        <div className="title">
          <Link className="button plain back" to="/" aria-label={t`Back to the list`} title={t`Back to the list`}>
            <ArrowLeft size={18} aria-hidden />
          </Link>
          {/* A long one is cut: all of it is shown to whoever presses it or points at it, and is read aloud. */}
          <h1 id="subject" dir="auto" className={showsSubject ? "whole" : ""} title={subject} onClick={() => setShowsSubject(!showsSubject)}>
            {subject}
          </h1>
          <Button kind="plain" aria-label={isDoubtful ? t`Who can read this: check the warnings` : t`Who can read this`} onPress={() => setShowsReaders(true)}>
            <Seal state={isDoubtful ? "amber" : "closed"} />
            <span className="wide-only">
              <Trans>Who can read this</Trans>
            </span>
          </Button>
        </div>
        <Facts opened={opened} isCustomer={isCustomer} />
        <Actions opened={opened} role={role} />
      </header>
      <div className="messages" role="log" aria-label={t`Conversation`} onScroll={follow}>
        <Messages opened={opened} isCustomer={isCustomer} />
        <div ref={end} />
      </div>
      <AwayLine />
      <Suspense>{isCustomer ? <Offer /> : <Presence ticket={ticket.ticket_id} />}</Suspense>
      <Composer opened={opened} role={role} />
      {showsReaders && (
        <Suspense>
          <Readers opened={opened} onClose={() => setShowsReaders(false)} />
        </Suspense>
      )}
    </article>
  );
}

/** How far from the end somebody still is at it, in pixels. */
const NEAR = 64;

/**
 * Whoever is at the end of a conversation stays there while what is in it grows: files come after their message, and pictures after that. What is
 * returned hears where they scroll to.
 */
function useFollowed(end: RefObject<HTMLDivElement | null>, opened: Opened): (event: UIEvent) => void {
  const isThere = useRef(true);
  const before = useRef(0);
  useEffect(() => {
    const list = end.current?.parentElement;
    if (!list) return undefined;
    // On a screen of few lines the page's part scrolls as a whole, and somebody may be writing below.
    const grown = new ResizeObserver(() => {
      if (isThere.current && list.scrollHeight > list.clientHeight) list.scrollTop = list.scrollHeight;
    });
    // And what comes below takes its room from the list itself.
    for (const one of [list, ...list.children]) grown.observe(one);
    return () => grown.disconnect();
  }, [end, opened]);
  return ({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
    if (scrollHeight - scrollTop - clientHeight < NEAR) isThere.current = true;
    // By the time that it is heard of there may be more below: only whoever scrolls up has left the end.
    else if (scrollTop < before.current) isThere.current = false;
    before.current = scrollTop;
  };
}
