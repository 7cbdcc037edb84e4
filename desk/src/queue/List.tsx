// The list of a view: tens of thousands of rows, of which those on the screen are drawn.
import type { MessageDescriptor } from "@lingui/core";
import { useLingui } from "@lingui/react/macro";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { TicketPriority } from "sealdesk/views";

import { HEADING_HEIGHT, letters, ROW_HEIGHT, useDensity } from "./density.ts";
import type { Line } from "./lines.ts";
import type { Rows } from "./rows.ts";
import { placed, StaffRow } from "./StaffRow.tsx";
import { scrolledSoFar, scrolledTo, useQueueState } from "./state.ts";
import { PRIORITY } from "./words.ts";

/** Rows that are drawn above and below the screen. */
const OVERSCAN = 8;
/** Rows that a page of keys is. */
const PAGE = 10;

export interface ListProps {
  label: string;
  rows: Rows;
  lines: ReadonlyMap<string, Line>;
  chosen: string | undefined;
  now: number;
  isUnread(line: Line): boolean;
  isGone(line: Line): boolean;
  showsState: boolean;
  move(by: number): void;
  /** The same, with what is passed selected. */
  extend(by: number): void;
  onPress(id: string, withShift: boolean): void;
  onSelect(id: string, withShift: boolean): void;
  /** Whether somebody is at the list: nothing comes or goes while they are. */
  onHold(isHeld: boolean): void;
  /** The row that keys led to. */
  focused: string | undefined;
  /** It has the focus. */
  onFocused(): void;
}

export function List(props: ListProps) {
  const { label, rows, lines, chosen, now, isUnread, isGone, showsState, move, extend, onPress, onSelect, onHold, focused, onFocused } = props;
  const density = useDensity();
  const { cursor, place, selection } = useQueueState();
  const scroll = useRef<HTMLDivElement>(null);
  const [scale] = useState(letters);
  const height = ROW_HEIGHT[density] * scale;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: (index) => (rows.headingAt(index) ? HEADING_HEIGHT * scale : height),
    getItemKey: (index) => rows.keyAt(index),
    overscan: OVERSCAN,
    initialOffset: scrolledSoFar(),
    paddingEnd: selection.ids.size > 0 ? 120 : 0,
  });
  useEffect(() => virtual.measure(), [virtual, height]);
  useEffect(() => {
    const place = focused === undefined ? -1 : rows.placeOf(focused);
    if (place >= 0) virtual.scrollToIndex(place, { align: "auto" });
  }, [virtual, rows, focused]);
  // From what was measured before: asking the browser would lay out the list anew with every drawing.
  useAnchor(scroll, rows, (place) => virtual.measurementsCache[place]?.start, virtual.scrollOffset ?? 0, virtual.range?.startIndex ?? 0);
  const keys = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.shiftKey && !event.key.startsWith("Arrow")) return;
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE, PageUp: -PAGE, Home: -rows.length, End: rows.length }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    (event.shiftKey ? extend : move)(by);
  };
  // Whoever was at a row that is gone comes back to what took its place.
  const first = [cursor, chosen].find((id) => id !== undefined && rows.placeOf(id) >= 0) ?? rows.ids[Math.min(place, rows.ids.length - 1)];
  return (
    <div
      ref={scroll}
      className={`scroll rows ${density}`}
      onScroll={({ currentTarget }) => scrolledTo(currentTarget.scrollTop)}
      onPointerEnter={() => onHold(true)}
      onPointerLeave={({ currentTarget }) => onHold(currentTarget.contains(document.activeElement))}
      onFocus={() => onHold(true)}
      onBlur={({ currentTarget, relatedTarget }) => !currentTarget.contains(relatedTarget) && onHold(currentTarget.matches(":hover"))}
    >
      <div
        role="grid"
        aria-label={label}
        aria-rowcount={rows.length}
        aria-multiselectable
        className="canvas"
        style={{ height: virtual.getTotalSize() }}
        onKeyDown={keys}
      >
        {virtual.getVirtualItems().map(({ index, start, size, key }) => {
          const heading = rows.headingAt(index);
          if (heading) return <Heading key={key} {...heading} index={index} start={start} size={size} />;
          const line = lines.get(rows.keyAt(index));
          if (!line) return null;
          return (
            <StaffRow
              key={key}
              line={line}
              start={start}
              size={size}
              index={index}
              now={now}
              isChosen={line.id === chosen}
              isCursor={line.id === cursor}
              isTabStop={line.id === first}
              isSelected={selection.ids.has(line.id)}
              isUnread={isUnread(line)}
              isGone={isGone(line)}
              isPassing={virtual.isScrolling}
              showsState={showsState}
              takesFocus={line.id === focused}
              onFocused={onFocused}
              onPress={onPress}
              onSelect={onSelect}
            />
          );
        })}
      </div>
    </div>
  );
}

/** Rows that come or go above leave what is on the screen where it is. */
function useAnchor(
  scroll: RefObject<HTMLDivElement | null>,
  rows: Rows,
  offsetOf: (place: number) => number | undefined,
  offset: number,
  first: number,
): void {
  const anchor = useRef({ rows, key: "", delta: 0 });
  useLayoutEffect(() => {
    const { key, delta, rows: before } = anchor.current;
    const place = before === rows ? -1 : rows.placeOf(key);
    // At the top somebody looks at what is first, whichever that is.
    if (scroll.current && place >= 0 && offset > 0) scroll.current.scrollTop = (offsetOf(place) ?? offset - delta) + delta;
    else anchor.current = { rows, key: rows.keyAt(first), delta: offset - (offsetOf(first) ?? offset) };
    anchor.current.rows = rows;
  });
}

interface HeadingProps {
  priority: TicketPriority;
  count: number;
  index: number;
  start: number;
  size: number;
}

function Heading({ priority, count, index, start, size }: HeadingProps) {
  const { i18n } = useLingui();
  const name = (message: MessageDescriptor) => i18n._(message);
  return (
    <div role="row" aria-rowindex={index + 1} className="heading" style={placed(start, size)}>
      <span role="gridcell">
        {name(PRIORITY[priority])} <span className="quiet numbers">{count}</span>
      </span>
    </div>
  );
}
