import { expect, test } from "vitest";

import { createFieldFocus } from "./fieldFocus.ts";
import { createOutbox, UNDO_MS } from "./outbox.ts";

/** A composer with a message in the outbox: where the focus is, and the moment at which each change of it is drawn. */
function composer() {
  const at = { focus: "send button" };
  const soon: (() => void)[] = [];
  let now = 0;
  let due: (() => void) | undefined;
  const outbox = createOutbox({ now: () => now, later: (work) => ((due = work), () => (due = undefined)) });
  const field = createFieldFocus({
    isInside: () => at.focus !== "body" && at.focus !== "elsewhere",
    isNowhere: () => at.focus === "body",
    focus: () => void (at.focus = "field"),
    soon: (work) => void soon.push(work),
  });
  outbox.subscribe(field.changes);
  /** A button that is drawn no more leaves the focus nowhere. */
  const drawn = () => {
    if (at.focus.endsWith("button")) at.focus = "body";
    field.changed();
  };
  let arrives = () => {};
  const hold = () => void outbox.hold({ key: "reply", ticket: "TKT-1", label: "reply", run: () => new Promise((done) => (arrives = done)) }, UNDO_MS);
  const send = () => (field.sends(), hold(), drawn());
  const sending = () => ((now += UNDO_MS), due?.(), drawn());
  const gone = async () => {
    arrives();
    for (let turns = 0; turns < 8; turns++) await Promise.resolve();
    drawn();
  };
  return { at, outbox, field, hold, drawn, send, sending, gone, soon };
}

test("whoever presses Send goes on in the field, and so does whoever sends from there", async () => {
  for (const from of ["send button", "field", "body"]) {
    const { at, send, sending, gone } = composer();
    at.focus = from;
    send();
    expect(at.focus, from).toBe("field");
    sending();
    await gone();
    expect(at.focus, from).toBe("field");
  }
});

test("whoever is nowhere or somewhere else by the time that it is sent stays there", async () => {
  for (const to of ["body", "elsewhere"]) {
    const { at, send, sending, gone } = composer();
    send();
    at.focus = to;
    sending();
    expect(at.focus).toBe(to);
    await gone();
    expect(at.focus).toBe(to);
  }
});

test("whoever presses what sends at once in the composer goes on in the field", () => {
  const { at, send, sending } = composer();
  send();
  at.focus = "send now button";
  sending();
  expect(at.focus).toBe("field");
});

test("whoever sends from a menu goes on in the field once that is gone, and in nothing where they went elsewhere", () => {
  for (const [then, is] of [["body", "field"], ["somewhere", "somewhere"]] as const) {
    const { at, send, soon } = composer();
    at.focus = "elsewhere";
    send();
    expect(at.focus).toBe("elsewhere");
    at.focus = then;
    for (const work of soon) work();
    expect(at.focus).toBe(is);
  }
});

test("what was not taken in gives the field nothing later", () => {
  const { at, field, hold, drawn } = composer();
  field.sends();
  field.stays();
  at.focus = "body";
  hold();
  drawn();
  expect(at.focus).toBe("body");
});
