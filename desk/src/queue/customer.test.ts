import { expect, test } from "vitest";

import { addressOf, customersLike } from "./customer.ts";

const ANNA = "virtengine1rgmnfknsrw49ys37chcf7g23pcl9l2uuz73p3v";
const people = [{ address: ANNA, name: "Anna Weiß" }, { address: "virtengine1other", name: "Bob" }, { address: "virtengine1third", name: "Bob" }];

test("a customer is meant by their name or their address, and by nothing else", () => {
  expect(addressOf("anna weiß ", people)).toBe(ANNA);
  expect(addressOf(ANNA.toUpperCase(), [])).toBe(ANNA);
  expect(addressOf("virtengine1other", people)).toBe("virtengine1other");
  for (const typed of ["", "Anna", "Carol", "virtengine1", ANNA.slice(0, 20), "Bob"]) expect(addressOf(typed, people), typed).toBe(null);
});

test("customers are offered by any part of their names", () => {
  expect(customersLike("weiss", people)).toEqual([]);
  expect(customersLike("wei", people).map(({ name }) => name)).toEqual(["Anna Weiß"]);
  expect(customersLike("bob", people)).toHaveLength(2);
  expect(customersLike(" ", people)).toEqual([]);
});
