import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

import { hoursBody, hoursForm, targetsBody, targetsForm } from "./forms.ts";

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
