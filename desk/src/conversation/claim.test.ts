import type { Conversation } from "sealdesk/views";
import { describe, expect, it } from "vitest";

import { claimantOf } from "./claim.ts";

const asked = "This ticket is mine. My address: desk1new";
const of = (author: string, text: string | null, internal = false) =>
  claimantOf({ ticket: { customer_address: "desk1made" }, messages: [{ author, text, internal }] } as unknown as Conversation);

describe("a claim", () => {
  it("is its customer's word", () => expect(of("desk1made", asked)).toBe("desk1new"));
  it("is nobody else's", () => expect(of("desk1other", asked)).toBeNull());
  it("is no note, and nothing beside it", () => {
    expect(of("desk1made", asked, true)).toBeNull();
    expect(of("desk1made", `${asked}, please`)).toBeNull();
    expect(of("desk1made", `I said: ${asked}`)).toBeNull();
    expect(of("desk1made", null)).toBeNull();
  });
  it("is over once it is theirs", () => expect(of("desk1made", "This ticket is mine. My address: desk1made")).toBeNull());
});
