// When something is possible again, as people say it, and never too early: who comes at that time is not refused again.
const SECOND = 1_000;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** "in 35 seconds" up to two minutes, "today 14:02", "tomorrow 09:00", and the date after that; null once it is. */
export function againIn(at: number, now: number, locale: string): string | null {
  if (at <= now) return null;
  const left = at - now;
  if (left <= 2 * MINUTE) return new Intl.RelativeTimeFormat(locale).format(Math.ceil(left / SECOND), "second");
  const upTo = new Date(Math.ceil(at / MINUTE) * MINUTE);
  const midnight = (time: number) => new Date(time).setHours(0, 0, 0, 0);
  // Some days have an hour less or more.
  const days = Math.round((midnight(upTo.getTime()) - midnight(now)) / DAY);
  if (days > 1) return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(upTo);
  const day = new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(days, "day");
  return `${day} ${new Intl.DateTimeFormat(locale, { timeStyle: "short" }).format(upTo)}`;
}
