import { expect, test } from "vitest";

import { backOf, ticketIn } from "./ids.ts";

test("a ticket is named as people name it", () => {
  expect(["TKT-00000007", "tkt-7", "TKT7", " 7 ", "00000007"].map(ticketIn)).toEqual(Array(5).fill("TKT-00000007"));
  expect(ticketIn("123456789")).toBe("TKT-123456789");
  expect(["", "0", "TKT-", "TKT-7a", "-7", "seven"].map(ticketIn)).toEqual(Array(6).fill(null));
});

test("a link is taken back as it was made, from either side", () => {
  expect(backOf("TKT-1", { kind: "duplicated_by", ticket_id: "TKT-2" })).toEqual({ act: "unlink", ticket: "TKT-2", kind: "duplicate_of", other: "TKT-1" });
  expect(backOf("TKT-1", { kind: "related", ticket_id: "TKT-2" })).toEqual({ act: "unlink", ticket: "TKT-1", kind: "related", other: "TKT-2" });
});
