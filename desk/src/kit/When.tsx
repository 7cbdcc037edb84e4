// Dates as people say them, the whole date beside it for whoever asks.
import { useLingui } from "@lingui/react";
import { useSyncExternalStore } from "react";
import { regional } from "../i18n.ts";

const MINUTE = 60_000;

let now = Date.now();
const listeners = new Set<() => void>();
setInterval(() => {
  now = Date.now();
  for (const listener of listeners) listener();
}, MINUTE / 2);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const made = new Map<string, Intl.DateTimeFormat>();

/** A formatter, made once for each language and form: making one takes longer than a whole row of a list. */
export function dates(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${JSON.stringify(options)}`;
  let found = made.get(key);
  if (!found) made.set(key, (found = new Intl.DateTimeFormat(locale, options)));
  return found;
}

/** "3 min. ago" for the last hour, "14:02" for today, a weekday for the last week, else the day. */
export function said(at: number, locale: string, from: number): string {
  const ago = from - at;
  if (ago < MINUTE) return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(0, "second");
  if (ago < 60 * MINUTE) return new Intl.RelativeTimeFormat(locale, { style: "short" }).format(-Math.floor(ago / MINUTE), "minute");
  const date = new Date(at);
  const time = dates(locale, { timeStyle: "short" }).format(date);
  if (date.toDateString() === new Date(from).toDateString()) return time;
  if (ago < 6 * 24 * 60 * MINUTE) return `${dates(locale, { weekday: "short" }).format(date)} ${time}`;
  const year = date.getFullYear() === new Date(from).getFullYear() ? {} : ({ year: "numeric" } as const);
  return dates(locale, { day: "numeric", month: "short", ...year }).format(date);
}

export function When({ at }: { at: string | null }) {
  const { i18n } = useLingui();
  const from = useSyncExternalStore(subscribe, () => now);
  if (at === null) return null;
  const moment = new Date(at);
  const whole = dates(regional(i18n.locale), { dateStyle: "full", timeStyle: "medium" }).format(moment);
  return (
    <time className="numbers" dateTime={at} title={whole}>
      {said(moment.getTime(), regional(i18n.locale), Math.max(from, moment.getTime()))}
    </time>
  );
}
