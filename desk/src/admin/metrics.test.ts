import { expect, test } from "vitest";

import { numbersIn } from "./metrics.ts";

test("numbers are read from what Prometheus reads, and nothing else is", () => {
  const text = '# HELP x y\nsealdesk_blobs_pending 3\nsealdesk_storage_file_bytes{kind="state"} 1.5e+06\nbroken line here\nnan_metric NaN\nsealdesk_ledger_up 1';
  expect(numbersIn(text)).toEqual({ sealdesk_blobs_pending: 3, 'sealdesk_storage_file_bytes{kind="state"}': 1_500_000, sealdesk_ledger_up: 1 });
  expect(numbersIn("<html>")).toEqual({});
});
