import type { Conversation } from "sealdesk/views";
import { describe, expect, it } from "vitest";

import { claimantOf } from "./claim.ts";

const asked = "This ticket is mine. My address: desk1new";
const of = (author: string, text: string | null, internal = false, warned: object[] = []) =>
  claimantOf({ ticket: { customer_address: "desk1made" }, messages: [{ author, text, internal, warned }] } as unknown as Conversation);

describe("a claim", () => {
  it("is its customer's word", () => expect(of("desk1made", asked)).toBe("desk1new"));
  it("is nobody else's", () => expect(of("desk1other", asked)).toBeNull());
  it("is no note, and nothing beside it", () => {
    expect(of("desk1made", asked, true)).toBeNull();
    expect(of("desk1made", `${asked}, please`)).toBeNull();
    expect(of("desk1made", `I said: ${asked}`)).toBeNull();
    expect(of("desk1made", null)).toBeNull();
  });
  it("is nothing that readers are warned of", () => expect(of("desk1made", asked, false, [{ kind: "key_by_ledger" }])).toBeNull());
  it("is the newest of several, by whoever is its customer now", () => {
    const said = (author: string, address: string) => ({ author, text: `This ticket is mine. My address: ${address}`, internal: false, warned: [] });
    const newest = (customer: string, ...messages: object[]) =>
      claimantOf({ ticket: { customer_address: customer }, messages } as unknown as Conversation);
    expect(newest("desk1made", said("desk1made", "desk1first"), said("desk1made", "desk1second"))).toBe("desk1second");
    // A mistyped address is put right, and what the key of the link said is over with the transfer.
    expect(newest("desk1first", said("desk1made", "desk1first"), said("desk1made", "desk1thief"))).toBeNull();
    expect(newest("desk1made", said("desk1made", "desk1first"), said("desk1other", "desk1other"))).toBe("desk1first");
  });
  it("is over once it is theirs", () => expect(of("desk1made", "This ticket is mine. My address: desk1made")).toBeNull());
});
