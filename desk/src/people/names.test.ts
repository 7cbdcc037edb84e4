import { expect, test } from "vitest";

import { saidIn } from "./said.ts";
import { short } from "./short.ts";

test("an address is shown by both its ends, and a short text whole", () => {
  expect(short("virtengine1rgmnfknsrw49ys37chcf7g23pcl9l2uuz73p3v")).toBe("rgmnfk…3p3v");
  expect(short("a-prefix1with1ones1qqqqqqqqqqqqqqqq")).toBe("qqqqqq…qqqq");
  expect(short("nobody")).toBe("nobody");
  expect(short("")).toBe("");
});

test("what a customer calls themselves is found wherever a ticket is opened, and nowhere else", () => {
  const said = { address: "virtengine1a", name: "Anna" };
  expect(saidIn({ ticket: {}, said_name: said })).toEqual(said);
  expect(saidIn({ subject: "x", saidName: said })).toEqual(said);
  for (const data of [null, undefined, "text", {}, { said_name: null }, { saidName: undefined }]) expect(saidIn(data)).toBeNull();
});
