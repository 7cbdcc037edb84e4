// Spans of time as people say them: one unit, with one digit behind the point where it is small.

const UNITS = [
  { unit: "day", seconds: 86_400, from: 2 * 86_400 },
  { unit: "hour", seconds: 3_600, from: 3_600 },
  { unit: "minute", seconds: 60, from: 0 },
] as const;

export function took(seconds: number, locale: string): string {
  const size = Math.abs(seconds);
  const { unit, seconds: one } = UNITS.find(({ from }) => size >= from) ?? UNITS[2];
  const value = seconds / one;
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: Math.abs(value) < 10 ? 1 : 0 }).format(value);
}

/** A sentence with one full stop: a unit at its end may have brought one. */
export const ended = (sentence: string): string => (sentence.endsWith(".") ? sentence : `${sentence}.`);

/** A day, for the axis. */
export function day(at: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: "UTC" }).format(new Date(at * 1000));
}

/** A day that programs read. */
export function date(at: number): string {
  return new Date(at * 1000).toISOString().slice(0, 10);
}
