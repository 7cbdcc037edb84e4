// A row of the queue: what it is about, whose it is, what state it is in, when it is due, and whether there is something new in it.
import type { MessageDescriptor } from "@lingui/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { memo, type MouseEvent, useEffect, useRef } from "react";

import { regional } from "../i18n.ts";
import { dates, When } from "../kit/When.tsx";
import { oneLine } from "../kit/letters.ts";
import { useNames } from "../people/names.tsx";
import { span } from "./due.ts";
import type { Line } from "./lines.ts";
import { current } from "./state.ts";
import { useSummary } from "./summaries.ts";
import { dueAt, isLate } from "./views.ts";
import { PRIORITY, STATUS, tone } from "./words.ts";

/** How close a target has to be for a row to show it: a day. */
const NEAR_MS = 24 * 60 * 60_000;

interface RowProps {
  line: Line;
  /** Where it stands in the list and how high it is, in pixels. */
  start: number;
  size: number;
  index: number;
  now: number;
  isChosen: boolean;
  isCursor: boolean;
  /** Tab leads to this row of the list. */
  isTabStop: boolean;
  isSelected: boolean;
  isUnread: boolean;
  /** It no longer stands in this view, and goes with the next look. */
  isGone: boolean;
  /** Whether keys led here: the row takes the focus. */
  takesFocus: boolean;
  /** The list is being scrolled: what is only passed is not opened. */
  isPassing: boolean;
  /** Not where all of the view are in the same state. */
  showsState: boolean;
  onFocused(): void;
  onPress(id: string, withShift: boolean): void;
  onSelect(id: string, withShift: boolean): void;
}

/** Where a row of a list of this kind stands. */
export const placed = (start: number, size: number) => ({ height: size, transform: `translateY(${start}px)` });

export const StaffRow = memo(function StaffRow(props: RowProps) {
  const { line, start, size, index, isChosen, isCursor, isTabStop, isSelected, isUnread, isGone, takesFocus, isPassing, onFocused, onPress, onSelect } = props;
  const { t } = useLingui();
  const summary = useSummary(line, !isPassing);
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (!takesFocus) return;
    link.current?.focus({ preventScroll: true });
    onFocused();
  }, [takesFocus, onFocused]);
  const subject = oneLine(summary?.subject) ?? (summary && summary.subject === null ? t`Sealed for others` : line.id);
  const press = (event: MouseEvent) => {
    // A new tab or window is the browser's.
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    onPress(line.id, event.shiftKey);
  };
  const state = `${isUnread ? " unread" : ""}${isGone ? " gone" : ""}${isCursor ? " cursor" : ""}`;
  return (
    <div role="row" aria-rowindex={index + 1} aria-selected={isSelected} className={`line${state}`} style={placed(start, size)}>
      <span role="gridcell" className="pick">
        <input
          type="checkbox"
          aria-label={t`Select ${line.id}`}
          checked={isSelected}
          tabIndex={isTabStop ? 0 : -1}
          onChange={() => undefined}
          onClick={(event) => onSelect(line.id, event.shiftKey)}
        />
      </span>
      <span role="gridcell" className="main">
        {/* A plain link: the router's own does more than tens of rows a frame leave time for. */}
        <a
          ref={link}
          href={`/tickets/${line.id}?view=${current().view ?? ""}`}
          tabIndex={isTabStop ? 0 : -1}
          aria-current={isChosen ? "page" : undefined}
          className="target"
          onClick={press}
        >
          <span className="first">
            {isUnread && (
              <span className="dot">
                <span className="hidden-text">
                  <Trans>Unread</Trans>
                </span>
              </span>
            )}
            <span className="subject" dir="auto">
              {subject}
            </span>
          </span>
          <Below line={line} now={props.now} latest={summary?.latest ?? null} tags={summary?.tags ?? []} isGone={isGone} showsState={props.showsState || isGone} />
        </a>
        <span className="side">
          <When at={line.ticket.updated_at} />
          <Due line={line} now={props.now} />
        </span>
      </span>
    </div>
  );
});

interface BelowProps extends Pick<RowProps, "line" | "now" | "isGone" | "showsState"> {
  latest: string | null;
  tags: readonly string[];
}

function Below({ line, now, latest, tags, isGone, showsState }: BelowProps) {
  const { i18n } = useLingui();
  const names = useNames();
  const say = (message: MessageDescriptor) => i18n._(message);
  const { ticket } = line;
  const isUrgent = ticket.priority === "urgent" || ticket.priority === "high";
  return (
    <span className="below">
      {isGone && (
        <span className="tag">
          <Trans>no longer here</Trans>
        </span>
      )}
      {isUrgent && <span className={`tag ${ticket.priority}`}>{say(PRIORITY[ticket.priority])}</span>}
      {showsState && <span className={`tag ${tone(ticket.status, false)}`}>{say(STATUS[ticket.status])}</span>}
      {tags.slice(0, 2).map((tag) => (
        <span key={tag} className="tag" dir="auto">
          {tag}
        </span>
      ))}
      <span className="rest">
        <bdi>{names(ticket.customer_address)}</bdi>
        {latest !== null && (
          <>
            {" · "}
            <bdi>{oneLine(latest)}</bdi>
          </>
        )}
      </span>
      <Due line={line} now={now} />
    </span>
  );
}

/** A target that is near, or was missed. */
function Due({ line, now }: { line: Line; now: number }) {
  const { i18n } = useLingui();
  const at = dueAt(line);
  if (at === null || at - now > NEAR_MS) return null;
  const late = isLate(line, now);
  const whole = dates(regional(i18n.locale), { dateStyle: "medium", timeStyle: "short" }).format(at);
  return (
    <span className={`due${late ? " late" : ""}`} title={whole}>
      {late ? <Trans>late</Trans> : <Trans>due {span(at - now, i18n.locale)}</Trans>}
    </span>
  );
}
