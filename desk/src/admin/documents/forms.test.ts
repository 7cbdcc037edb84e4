import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

import { edited, fitting, hoursBody, hoursFaults, hoursForm, isAsBefore, rowFaults, targetsBody, targetsForm } from "./forms.ts";

/** The examples that administrators begin with, as the client has them. */
const example = (name: string) => readFileSync(new URL(`../../../../crates/client/src/sla/example/${name}.json`, import.meta.url), "utf8");

test("what a form shows is written as it stood", () => {
  for (const [name, form, body] of [
    ["office-hours", hoursForm, hoursBody],
    ["sla", targetsForm, targetsBody],
  ] as const) {
    const shown = form(example(name));
    expect(shown, name).not.toBeNull();
    expect(JSON.parse((body as (form: unknown) => string)(shown))).toEqual(JSON.parse(example(name)));
  }
});

test("a holiday's line has a day, a name of several words, and hours", () => {
  const form = hoursForm(example("office-hours"));
  if (!form) throw new Error("the example has a form");
  expect(form.holidays.split("\n")[0]).toBe("2026-12-24 Christmas Eve 09:00-12:30");
  const written = JSON.parse(hoursBody({ ...form, holidays: "\n 2027-05-01  May Day \n2027-12-31 09:00-12:00, 13:00-14:00" })) as { holidays: unknown[] };
  expect(written.holidays).toEqual([
    { date: "2027-05-01", name: "May Day" },
    { date: "2027-12-31", hours: ["09:00-12:00", "13:00-14:00"] },
  ]);
});

test("what a form cannot hold is not shown in one", () => {
  for (const body of ["", "[]", "{", '{"zone":1}', '{"schema":1,"zone":"UTC","week":{"moonday":[]}}', '{"schema":1,"zone":"UTC","week":{},"more":1}']) {
    expect(hoursForm(body), body).toBeNull();
  }
  for (const body of ['{"schema":1,"calendar":"never","targets":[]}', '{"schema":1,"calendar":"always","targets":[{"third":"1h"}]}']) {
    expect(targetsForm(body), body).toBeNull();
  }
});

const hours = (monday: string, holidays = "") => {
  const form = hoursForm('{"schema":1,"zone":"UTC","week":{}}');
  if (!form) throw new Error("it has a form");
  return { ...form, week: { ...form.week, monday }, holidays };
};
const mondayOf = (typed: string) => (JSON.parse(hoursBody(hours(typed))) as { week: { monday: string[] } }).week.monday;

test("hours are taken as people write them", () => {
  for (const typed of ["9-17", "9:00-17:00", "09:00\u201317:00", "9 \u2013 17", "9.00-17.00", "09:00 - 17"]) {
    expect(hoursFaults(hours(typed)).week, typed).toEqual({});
    expect(mondayOf(typed), typed).toEqual(["09:00-17:00"]);
  }
  expect(mondayOf("9-12:30, 13-24")).toEqual(["09:00-12:30", "13:00-24:00"]);
  const days = JSON.parse(hoursBody(hours("9-17", "24.12.2026 Christmas Eve 9\u201312"))) as { holidays: unknown };
  expect(days.holidays).toEqual([{ date: "2026-12-24", name: "Christmas Eve", hours: ["09:00-12:00"] }]);
});

test("hours that are none are said of their day", () => {
  for (const typed of ["nine", "9", "17-9", "9:60-10", "9-25", "09:00-17:00pm", "9--17"]) expect(hoursFaults(hours(typed)).week, typed).toEqual({ monday: "form" });
  expect(hoursFaults(hours("13-17, 9-12")).week).toEqual({ monday: "order" });
  expect(hoursFaults(hours("1-2 3-4 5-6 7-8 9-10 11-12 13-14 15-16 17-18")).week).toEqual({ monday: "many" });
  expect(hoursFaults(hours("")).isNeverOpen).toBe(true);
});

test("an exception that cannot be read is said by its line", () => {
  const fault = (holidays: string) => hoursFaults(hours("9-17", holidays)).exception;
  expect(fault("2026-12-24 Christmas Eve 9-12\n2026-12-25")).toBeNull();
  expect(fault("2026-12-24\nChristmas")).toEqual({ line: "Christmas", fault: "date" });
  expect(fault("2026-02-30 No day")?.fault).toBe("date");
  expect(fault("2026-12-24 Eve\n24.12.2026 Again")).toEqual({ line: "24.12.2026 Again", fault: "twice" });
  expect(fault("2026-12-24 Eve 12-9")?.fault).toBe("form");
});

test("a row says which of its times is none, and takes those that have blanks", () => {
  const row = { priorities: [], categories: [], calendar: "" as const, first_response: "1h 30m", next_response: "", resolution: "40H" };
  expect(rowFaults(row)).toEqual({ times: [], promisesNothing: false });
  expect(JSON.parse(targetsBody({ calendar: "always", rows: [row] }))).toMatchObject({ targets: [{ first_response: "1h30m", resolution: "40h" }] });
  expect(rowFaults({ ...row, first_response: "soon", resolution: "0m" }).times).toEqual(["first_response", "resolution"]);
  for (const typed of ["4", "1d", "8761h", "h", "1m1h"]) expect(rowFaults({ ...row, first_response: typed }).times, typed).toEqual(["first_response"]);
  expect(rowFaults({ ...row, first_response: " ", resolution: "" }).promisesNothing).toBe(true);
});

test("the example promises nothing of a category that the desk does not have", () => {
  const form = targetsForm(example("sla"));
  if (!form) throw new Error("the example has a form");
  expect(fitting(form, ["billing", "technical"]).rows.map(({ categories }) => categories)).toEqual([[], [], ["billing"], []]);
  expect(fitting(form, ["technical"]).rows.map(({ categories }) => categories)).toEqual([[], [], []]);
});

test("nothing is published of which a field says that it is not possible, typed into the form or as text", () => {
  const look = { name: "Acme", welcome: "", accent: "teal" };
  expect(edited("desk", '{"schema":1}', { version: 0, form: look })).toMatchObject({ hasFault: true });
  expect(edited("desk", '{"schema":1}', { version: 0, form: { ...look, accent: "#0a7" } })).toMatchObject({ hasFault: false });
  expect(edited("desk", "{}", { version: 0, text: '{"schema":1,"accent":"teal"}' })).toMatchObject({ hasFault: true });
  expect(edited("office-hours", example("office-hours"), { version: 1, form: hours("9-19:99") }).hasFault).toBe(true);
  expect(edited("sla", example("sla").replace('"1h"', '"soon"'), null).hasFault).toBe(true);
  expect(edited("sla", example("sla"), null).hasFault).toBe(false);
  expect(edited("page", "{}", { version: 0, text: "{" }).hasFault).toBe(true);
});

test("whoever types and takes it back has typed nothing, and whoever writes the same otherwise has", () => {
  const form = hoursForm(example("office-hours"));
  if (!form) throw new Error("the example has a form");
  const isBefore = (friday: string) => isAsBefore("office-hours", example("office-hours"), { version: 1, form: { ...form, week: { ...form.week, friday } } });
  expect(isBefore(form.week.friday)).toBe(true);
  expect(isBefore("9-12:30, 13-16")).toBe(false);
  expect(isAsBefore("page", "{}", { version: 1, text: "{ }" })).toBe(false);
});
