// The public documents that have a form: from JSON to what people type, and back. What the form cannot hold is edited as text.
import { HEX } from "../../look/accent.ts";
import { lookBody, type LookForm, lookForm } from "../../look/document.ts";

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
  categories: string[];
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
/** Hours as people write them, once no dash has blanks beside it. */
const HOURISH = /^(\d{1,2})(?:[:.](\d{2}))?-(\d{1,2})(?:[:.](\d{2}))?$/;
const DAY_MINUTES = 24 * 60;
/** Spans of one day, and days that are exceptions, that the ledger's programs read. */
const SPANS_MAX = 8;
const EXCEPTIONS_MAX = 500;

/** What is wrong with the hours of a day. */
export type SpanFault = "form" | "order" | "many";
/** What is wrong with a day that is an exception. */
export type DayFault = SpanFault | "date" | "twice" | "days";

function object(body: string): Json | null {
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** Any dash between digits, with blanks or without, as the one that documents have. */
const dashed = (text: string): string => text.replace(/(\d)\s*[-\u2010-\u2015\u2212]\s*(?=\d)/g, "$1-");

/** Hours as a document has them, `09:00-17:00`, from what people type: `9-17`, `9:00-17:00`, with any dash. As it was typed where it is neither. */
function spanOf(typed: string): { text: string; from: number; until: number } | null {
  const found = HOURISH.exec(typed);
  if (!found) return null;
  const [from, until] = [1, 3].map((n) => Number(found[n]) * 60 + Number(found[n + 1] ?? 0)) as [number, number];
  if ([found[2], found[4]].some((minutes) => Number(minutes ?? 0) > 59) || until > DAY_MINUTES || from >= until) return null;
  const clock = (minutes: number) => `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
  return { text: `${clock(from)}-${clock(until)}`, from, until };
}

const partsOf = (text: string): string[] => dashed(text).split(/[,;\s]+/).filter((part) => part !== "");
const spansOf = (parts: string[]): string[] => parts.map((part) => spanOf(part)?.text ?? part);

/** What is wrong with the hours of a day; null where nothing is. */
export function spanFault(parts: string[]): SpanFault | null {
  const spans = parts.map(spanOf);
  if (!spans.every((span) => span !== null)) return "form";
  if (spans.length > SPANS_MAX) return "many";
  return spans.some((span, n) => span.from < (spans[n - 1]?.until ?? 0)) ? "order" : null;
}

interface Exception {
  /** As it was typed. */
  line: string;
  date: string;
  name: string;
  hours: string[];
}

/** Days that are exceptions, from a line each: the date, its name, and hours if it has some. */
function exceptionsOf(text: string): Exception[] {
  const lines = text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  return lines.map((line) => {
    const [typed = "", ...rest] = dashed(line).split(/\s+/);
    const german = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/.exec(typed);
    const date = german ? `${german[3]}-${german[2]?.padStart(2, "0")}-${german[1]?.padStart(2, "0")}` : typed;
    const parts = rest.map((part) => ({ part, span: part.replace(/[,;]$/, "") }));
    const hours = parts.filter(({ span }) => HOURISH.test(span)).map(({ span }) => span);
    return { line, date, name: parts.filter(({ span }) => !HOURISH.test(span)).map(({ part }) => part).join(" "), hours };
  });
}

const isDay = (date: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(date) && new Date(`${date}T00:00Z`).toJSON()?.slice(0, 10) === date;

/** What is wrong with office hours as they are typed: of which day, of which exception, and whether no day is open at all. */
export interface HoursFaults {
  week: Partial<Record<Day, SpanFault>>;
  isNeverOpen: boolean;
  exception: { line: string; fault: DayFault } | null;
}

export function hoursFaults(form: HoursForm): HoursFaults {
  const days = DAYS.map((day) => [day, spanFault(partsOf(form.week[day]))] as const);
  const exceptions = exceptionsOf(form.holidays);
  const faultOf = ({ date, hours }: Exception, n: number): DayFault | null => {
    if (!isDay(date)) return "date";
    if (exceptions.findIndex((other) => other.date === date) !== n) return "twice";
    return n >= EXCEPTIONS_MAX ? "days" : spanFault(hours);
  };
  const faults = exceptions.map((one, n) => ({ line: one.line, fault: faultOf(one, n) }));
  return {
    week: Object.fromEntries(days.filter(([, fault]) => fault !== null)),
    isNeverOpen: DAYS.every((day) => form.week[day].trim() === ""),
    exception: (faults.find(({ fault }) => fault !== null) as HoursFaults["exception"] | undefined) ?? null,
  };
}

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
  const week = Object.fromEntries(DAYS.map((day) => [day, spansOf(partsOf(form.week[day]))]));
  const holidays = exceptionsOf(form.holidays).map(({ date, name, hours }) => ({
    date,
    ...(name === "" ? {} : { name }),
    ...(hours.length === 0 ? {} : { hours: spansOf(hours) }),
  }));
  return written({ schema: 1, zone: form.zone.trim(), week, holidays });
}

export const TIMES = ["first_response", "next_response", "resolution"] as const;
export type Time = (typeof TIMES)[number];
/** Longest that can be promised, in minutes. */
const PROMISE_MINUTES_MAX = 8_760 * 60;

/** A time as documents have it, `1h30m`, from what people type. */
const timeOf = (text: string): string => text.toLowerCase().replace(/\s+/g, "");

function isTime(text: string): boolean {
  const found = /^(?:(\d{1,6})h)?(?:(\d{1,6})m)?$/.exec(timeOf(text));
  const minutes = Number(found?.[1] ?? 0) * 60 + Number(found?.[2] ?? 0);
  return found !== null && minutes >= 1 && minutes <= PROMISE_MINUTES_MAX;
}

/** What is wrong with a row of targets: which of its times, and whether it promises nothing. */
export interface RowFaults {
  times: Time[];
  promisesNothing: boolean;
}

export function rowFaults(row: TargetRow): RowFaults {
  const typed = TIMES.filter((time) => row[time].trim() !== "");
  return { times: typed.filter((time) => !isTime(row[time])), promisesNothing: typed.length === 0 };
}

/** The example's rows for a desk of these categories: what it does not have it promises nothing of. */
export function fitting(form: TargetsForm, categories: readonly string[]): TargetsForm {
  const rows = form.rows.map((row) => ({ row, has: row.categories.filter((name) => categories.includes(name)) }));
  const kept = rows.filter(({ row, has }) => row.categories.length === 0 || has.length > 0);
  return { ...form, rows: kept.map(({ row, has }) => ({ ...row, categories: has })) };
}

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
    return { priorities, categories, calendar: own, first_response, next_response, resolution };
  });
  return rows.every((row) => row !== null) ? { calendar, rows } : null;
}

export function targetsBody(form: TargetsForm): string {
  const targets = form.rows.map((row) => {
    const { categories } = row;
    const times = TIMES.map((time) => [time, timeOf(row[time])] as const).filter(([, text]) => text !== "");
    return {
      ...(row.priorities.length === 0 ? {} : { priorities: row.priorities }),
      ...(categories.length === 0 ? {} : { categories }),
      ...(row.calendar === "" ? {} : { calendar: row.calendar }),
      ...Object.fromEntries(times),
    };
  });
  return written({ schema: 1, calendar: form.calendar, targets });
}

/** Whether this is a desk's accent; none is one, too. */
export const isColour = (accent: string): boolean => accent.trim() === "" || HEX.test(accent.trim());

export type DocumentForm = HoursForm | TargetsForm | LookForm;

interface Shape {
  read(body: string): DocumentForm | null;
  write(form: DocumentForm): string;
  /** Whether a field has something that nobody can publish. Of a time zone only the client's table knows. */
  hasFault(form: DocumentForm): boolean;
}

const SHAPES: Record<string, Shape> = {
  "office-hours": {
    read: hoursForm,
    write: (form) => hoursBody(form as HoursForm),
    hasFault(form) {
      const { week, isNeverOpen, exception } = hoursFaults(form as HoursForm);
      return Object.keys(week).length > 0 || isNeverOpen || exception !== null;
    },
  },
  sla: {
    read: targetsForm,
    write: (form) => targetsBody(form as TargetsForm),
    hasFault: (form) => (form as TargetsForm).rows.map(rowFaults).some(({ times, promisesNothing }) => times.length > 0 || promisesNothing),
  },
  desk: { read: lookForm, write: (form) => lookBody(form as LookForm), hasFault: (form) => !isColour((form as LookForm).accent) },
};

/** The form of a document, by its name; none where it is edited as text alone. */
export const shapeOf = (name: string): Shape | undefined => (Object.hasOwn(SHAPES, name) ? SHAPES[name] : undefined);

/** What somebody typed of a document: into its form, or as text. */
export interface TypedDocument {
  /** The version that they read. */
  version: number;
  /** What stood in that version, or what they began with where there was none. */
  over?: string;
  /** What others wrote meanwhile into fields that they typed into, by the field's place. */
  theirs?: Readonly<Record<string, string>>;
  form?: DocumentForm;
  text?: string;
}

/** A document as it would be published, and whether anything in it is wrong, as far as its form tells. */
export interface Edited {
  body: string;
  form: DocumentForm | null;
  hasFault: boolean;
}

export function edited(name: string, original: string, typed: TypedDocument | null): Edited {
  const shape = shapeOf(name);
  if (shape && typed?.form) {
    try {
      return { body: shape.write(typed.form), form: typed.form, hasFault: shape.hasFault(typed.form) };
    } catch {
      // It was kept by another version of this page, whose form had other fields.
    }
  }
  const body = typed?.text ?? original;
  const form = shape?.read(body) ?? null;
  return { body, form, hasFault: form !== null ? (shape?.hasFault(form) ?? false) : !isJson(body) };
}

/** Whether what somebody typed is what stood there before they began. */
export function isAsBefore(name: string, original: string, typed: TypedDocument): boolean {
  const before = shapeOf(name)?.read(original) ?? null;
  return typed.form ? before !== null && JSON.stringify(typed.form) === JSON.stringify(before) : typed.text === original;
}

function isJson(body: string): boolean {
  try {
    JSON.parse(body);
    return true;
  } catch {
    return false;
  }
}

const written = (value: Json): string => `${JSON.stringify(value, null, 2)}\n`;
