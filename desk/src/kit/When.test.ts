import { expect, test } from "vitest";

import { said } from "./When.tsx";

const NOW = new Date(2026, 10, 28, 14, 2).getTime();
const HOUR = 3_600_000;

test("a date is said as people say it", () => {
  expect(said(NOW - 10_000, "en-GB", NOW)).toBe("now");
  expect(said(NOW - 3 * 60_000, "en-GB", NOW)).toBe("3 min ago");
  expect(said(NOW - 2 * HOUR, "en-GB", NOW)).toBe("12:02");
  expect(said(NOW - 26 * HOUR, "en-GB", NOW)).toBe("Fri 12:02");
  expect(said(NOW - 30 * 24 * HOUR, "en-GB", NOW)).toBe("29 Oct");
  expect(said(new Date(2024, 1, 3).getTime(), "de", NOW)).toBe("3. Feb. 2024");
});
