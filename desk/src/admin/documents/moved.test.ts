import { expect, test } from "vitest";

import { hoursBody, type HoursForm, targetsBody, type TargetsForm } from "./forms.ts";
import { moved } from "./moved.ts";

const WEEK = { monday: "09:00-17:00", tuesday: "09:00-17:00", wednesday: "", thursday: "", friday: "", saturday: "", sunday: "" };
const HOURS: HoursForm = { zone: "Europe/Berlin", week: WEEK, holidays: "" };
const over = hoursBody(HOURS);
const mine: HoursForm = { ...HOURS, week: { ...WEEK, monday: "8-16", friday: "9-12" } };

test("over a version that came meanwhile only what was typed is put, and theirs of a field that both changed is told", () => {
  const theirs = hoursBody({ zone: "Europe/Vienna", week: { ...WEEK, monday: "10:00-18:00", tuesday: "" }, holidays: "2027-05-01 May Day" });
  expect(moved("office-hours", { version: 1, over, form: mine }, 2, theirs)).toEqual({
    version: 2,
    over: theirs,
    form: { zone: "Europe/Vienna", week: { ...WEEK, monday: "8-16", tuesday: "", friday: "9-12" }, holidays: "2027-05-01 May Day" },
    theirs: { "week.monday": "10:00-18:00" },
  });
});

test("nothing moves where the version is the same, and nothing is told where nobody changed the same", () => {
  const typed = { version: 1, over, form: mine };
  expect(moved("office-hours", typed, 1, over)).toBe(typed);
  expect(moved("office-hours", typed, 2, hoursBody({ ...HOURS, zone: "UTC" }))).toMatchObject({ form: { ...mine, zone: "UTC" }, theirs: {} });
});

test("of what was typed before versions were kept, each field that differs is told", () => {
  expect(moved("office-hours", { version: 1, form: mine }, 2, over)).toMatchObject({ form: mine, theirs: { "week.monday": "09:00-17:00", "week.friday": "" } });
});

test("rows meet by their place, and as a whole where one was added or taken out", () => {
  const row = { priorities: [], categories: [], calendar: "" as const, first_response: "8h", next_response: "8h", resolution: "40h" };
  const base: TargetsForm = { calendar: "always", rows: [row, row] };
  const typed = { version: 1, over: targetsBody(base), form: { ...base, rows: [{ ...row, first_response: "1h", priorities: ["urgent"] }, row] } };
  const theirs = (rows: TargetsForm["rows"]) => targetsBody({ ...base, rows });
  expect(moved("sla", typed, 2, theirs([{ ...row, first_response: "2h" }, { ...row, resolution: "20h" }]))).toMatchObject({
    form: { rows: [{ first_response: "1h", priorities: ["urgent"] }, { resolution: "20h" }] },
    theirs: { "rows.0.first_response": "2h" },
  });
  const longer = moved("sla", typed, 2, theirs([row, row, row]));
  expect([longer.form, Object.keys(longer.theirs ?? {})]).toEqual([typed.form, ["rows"]]);
});

test("a text stays as it was typed, and theirs is told as a whole", () => {
  expect(moved("page", { version: 1, over: "{}", text: '{"a":1}' }, 2, '{"b":2}')).toEqual({ version: 2, over: '{"b":2}', text: '{"a":1}', theirs: { "": '{"b":2}' } });
  expect(moved("page", { version: 1, over: "{}", text: '{"a":1}' }, 2, "{}").theirs, "it was only published again").toEqual({});
});

test("what both changed is told over every version that follows, until one's own is what the ledger has", () => {
  const typed = { version: 1, over, form: { ...HOURS, zone: "Europe/Paris" } };
  const vienna = { ...HOURS, zone: "Europe/Vienna", week: { ...WEEK, tuesday: "" } };
  const second = moved("office-hours", typed, 2, hoursBody(vienna));
  const third = moved("office-hours", second, 3, hoursBody({ ...vienna, holidays: "2027-05-01 May Day" }));
  expect(third).toMatchObject({ form: { zone: "Europe/Paris", week: { tuesday: "" }, holidays: "2027-05-01 May Day" }, theirs: { zone: "Europe/Vienna" } });
  // A field of which nothing was typed follows theirs, however often they change it.
  const fourth = moved("office-hours", third, 4, hoursBody({ ...vienna, week: { ...WEEK, tuesday: "10:00-12:00" } }));
  expect(fourth).toMatchObject({ form: { zone: "Europe/Paris", week: { tuesday: "10:00-12:00" }, holidays: "" } });
  expect(fourth.theirs).toEqual({ zone: "Europe/Vienna" });
  expect(moved("office-hours", fourth, 5, hoursBody({ ...vienna, zone: "Europe/Paris" })).theirs, "they took mine").toEqual({});
  const taken = { ...fourth, form: { ...HOURS, zone: "Europe/Vienna" } };
  expect(moved("office-hours", taken, 5, hoursBody({ ...vienna, zone: "UTC" })), "I took theirs").toMatchObject({ form: { zone: "UTC" }, theirs: {} });
});

test("a version that is only published again hides nothing, of a day or of a text", () => {
  const typed = { version: 1, over, form: mine };
  const theirs = hoursBody({ ...HOURS, week: { ...WEEK, monday: "10:00-18:00" } });
  expect(moved("office-hours", moved("office-hours", typed, 2, theirs), 3, theirs).theirs).toEqual({ "week.monday": "10:00-18:00" });
  const text = moved("page", { version: 1, over: "{}", text: '{"a":1}' }, 2, '{"b":2}');
  expect(moved("page", text, 3, '{"b":2}').theirs).toEqual({ "": '{"b":2}' });
});
