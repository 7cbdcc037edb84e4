import { expect, test } from "vitest";

import { againIn } from "./again.ts";

const at = (hour: number, minute: number, second = 0, day = 30) => new Date(2026, 10, day, hour, minute, second).getTime();

test("what is soon is said in seconds, and ends by itself", () => {
  expect(againIn(at(4, 27, 35), at(4, 27), "en-GB")).toBe("in 35 seconds");
  expect(againIn(at(4, 27, 35) + 1, at(4, 27), "en-GB"), "and not before it").toBe("in 36 seconds");
  expect(againIn(at(4, 29), at(4, 27), "de-DE")).toBe("in 120 Sekunden");
  expect([againIn(at(4, 27), at(4, 27), "en-GB"), againIn(at(4, 27), at(4, 28), "en-GB")]).toEqual([null, null]);
});

test("later it is a time of day that is not before it, and a date only where it is one", () => {
  expect(againIn(at(14, 1, 1), at(4, 27), "en-GB")).toBe("today 14:02");
  expect(againIn(at(14, 2), at(4, 27), "de-DE")).toBe("heute 14:02");
  expect(againIn(at(23, 59, 30), at(4, 27), "en-GB"), "rounded into the next day").toBe("tomorrow 00:00");
  expect(againIn(at(9, 0, 0, 33), at(4, 27), "en-GB")).toBe("3 Dec 2026, 09:00");
});
