import { expect, test } from "vitest";

import { viewNamed } from "./namedView.ts";
import { type AnyView, type Eyes, linesOf, type MadeView, VIEWS } from "./views.ts";
import type { Line } from "./lines.ts";

const made: MadeView = { id: "own-1", kind: "own", name: "Printers", where: {}, order: "newest", rank: 0 };
const eyes: Eyes = { me: "me", now: 0, isUnread: () => false, tagsOf: () => undefined };
const lines = new Map([["TKT-1", { id: "TKT-1", ticket: { status: "open", assigned_to: "me", collaborators: [] } } as unknown as Line]]);
const shown = (view: AnyView) => linesOf(lines, view, eyes).length;

test("a view that people made is waited for, and shows itself once it is here", () => {
  const before = viewNamed("own-1", VIEWS, false);
  expect(before).toMatchObject({ missing: "waits", view: { id: "own-1" } });
  expect(shown(before.view)).toBe(0);
  expect(viewNamed("own-1", [...VIEWS, made], true)).toEqual({ view: made, missing: null });
});

test("an id that is no view's is said to be that, keeps its address, and shows no other view's tickets", () => {
  const gone = viewNamed("own-2", [...VIEWS, made], true);
  expect(gone).toMatchObject({ missing: "unknown", view: { id: "own-2" } });
  expect(shown(gone.view)).toBe(0);
});

test("the desk's own views wait for nothing, and the first stands there before any is chosen", () => {
  expect(viewNamed("closed", VIEWS, false)).toMatchObject({ missing: null, view: { id: "closed" } });
  expect(viewNamed(null, VIEWS, false)).toEqual({ missing: null, view: VIEWS[0] });
});
