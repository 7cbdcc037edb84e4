import { expect, test } from "vitest";

import { isFirst } from "./first.ts";

test("one button alone is the first of a page", () => {
  const some = { own: [{}], closed: [] } as never;
  const none = { own: [], closed: [] };
  expect(isFirst("/", some)).toBe(true);
  expect(isFirst("/", none), "the first ticket has a button of its own").toBe(false);
  expect(isFirst("/new", some), "the form's is first").toBe(false);
  expect(isFirst("/", undefined)).toBe(false);
});
