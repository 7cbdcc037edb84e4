// The public documents that have a form: from JSON to what people type, and back. What the form cannot hold is edited as text.

export const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
export type Day = (typeof DAYS)[number];

/** Office hours as people type them. */
export interface HoursForm {
  zone: string;
  /** `09:00-12:30, 13:00-17:00`; empty = closed. */
  week: Record<Day, string>;
  /** A day each line: `2026-12-24 Christmas Eve 09:00-12:30`. */
  holidays: string;
}

export interface TargetRow {
  priorities: string[];
  /** Empty = all. */
  categories: string;
  calendar: "" | "office-hours" | "always";
  first_response: string;
  next_response: string;
  resolution: string;
}

/** Service levels as people type them. */
export interface TargetsForm {
  calendar: "office-hours" | "always";
  rows: TargetRow[];
}

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every((one) => typeof one === "string");
const onlyHas = (value: Json, names: readonly string[]) => Object.keys(value).every((name) => names.includes(name));
const SPAN = /^\d{2}:\d{2}-\d{2}:\d{2}$/;

function object(body: string): Json | null {
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

const spansOf = (text: string): string[] => text.split(/[,;\s]+/).filter((span) => span !== "");

export function hoursForm(body: string): HoursForm | null {
  const written = object(body);
  if (!written || !onlyHas(written, ["schema", "zone", "week", "holidays"]) || typeof written.zone !== "string") return null;
  const { week, holidays = [] } = written;
  if (!isObject(week) || !onlyHas(week, DAYS) || !Array.isArray(holidays)) return null;
  const days = DAYS.map((day) => [day, week[day] ?? []] as const);
  if (!days.every(([, spans]) => isTexts(spans))) return null;
  const lines = holidays.map((holiday: unknown) => {
    if (!isObject(holiday) || typeof holiday.date !== "string") return null;
    const { date, name = "", hours = [] } = holiday;
    return typeof name === "string" && isTexts(hours) ? [date, name, ...hours].filter((part) => part !== "").join(" ") : null;
  });
  if (lines.includes(null)) return null;
  return {
    zone: written.zone,
    week: Object.fromEntries(days.map(([day, spans]) => [day, (spans as string[]).join(", ")])) as Record<Day, string>,
    holidays: lines.join("\n"),
  };
}

export function hoursBody(form: HoursForm): string {
  const week = Object.fromEntries(DAYS.map((day) => [day, spansOf(form.week[day])]));
  const lines = form.holidays.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  const holidays = lines.map((line) => {
    const [date = "", ...rest] = line.split(/\s+/);
    const hours = rest.filter((part) => SPAN.test(part.replace(/[,;]$/, ""))).map((part) => part.replace(/[,;]$/, ""));
    const name = rest.filter((part) => !SPAN.test(part.replace(/[,;]$/, ""))).join(" ");
    return { date, ...(name === "" ? {} : { name }), ...(hours.length === 0 ? {} : { hours }) };
  });
  return written({ schema: 1, zone: form.zone.trim(), week, holidays });
}

const TIMES = ["first_response", "next_response", "resolution"] as const;

export function targetsForm(body: string): TargetsForm | null {
  const written = object(body);
  if (!written || !onlyHas(written, ["schema", "calendar", "targets"]) || !Array.isArray(written.targets)) return null;
  const { calendar } = written;
  if (calendar !== "office-hours" && calendar !== "always") return null;
  const rows = written.targets.map((row: unknown): TargetRow | null => {
    if (!isObject(row) || !onlyHas(row, ["priorities", "categories", "calendar", ...TIMES])) return null;
    const { priorities = [], categories = [], calendar: own = "" } = row;
    if (!isTexts(priorities) || !isTexts(categories) || (own !== "" && own !== "office-hours" && own !== "always")) return null;
    const [first_response, next_response, resolution] = TIMES.map((time) => row[time] ?? "");
    if (typeof first_response !== "string" || typeof next_response !== "string" || typeof resolution !== "string") return null;
    return { priorities, categories: categories.join(", "), calendar: own, first_response, next_response, resolution };
  });
  return rows.every((row) => row !== null) ? { calendar, rows } : null;
}

export function targetsBody(form: TargetsForm): string {
  const targets = form.rows.map((row) => {
    const categories = row.categories.split(/[,\s]+/).filter((name) => name !== "");
    const times = TIMES.map((time) => [time, row[time].trim()] as const).filter(([, text]) => text !== "");
    return {
      ...(row.priorities.length === 0 ? {} : { priorities: row.priorities }),
      ...(categories.length === 0 ? {} : { categories }),
      ...(row.calendar === "" ? {} : { calendar: row.calendar }),
      ...Object.fromEntries(times),
    };
  });
  return written({ schema: 1, calendar: form.calendar, targets });
}

const written = (value: Json): string => `${JSON.stringify(value, null, 2)}\n`;
