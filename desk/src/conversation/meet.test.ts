import { describe, expect, it } from "vitest";

import { whatNow } from "./meet.ts";

const both = (here: string, there: string, stood: string, isSaid = false) => whatNow({ here, there, stood, isSaid });

describe("a draft that two devices know", () => {
  it("comes to a device that has none", () => expect(both("", "half", "")).toBe("take"));
  it("goes on where the other one left it", () => expect(both("half", "half and more", "half")).toBe("take"));
  it("goes where the other one sent it", () => expect(both("half", "", "half")).toBe("take"));
  it("stays where both know the same", () => expect(both("half", "half", "half")).toBe("leave"));
  it("loses nothing that was typed here since", () => {
    expect(both("half, mine", "half, theirs", "half")).toBe("leave");
    expect(both("half, mine", "", "half")).toBe("leave");
    expect(both("mine", "theirs", "")).toBe("leave");
  });
  it("is taken away where it was sent, here or there", () => {
    expect(both("", "half", "half")).toBe("remove");
    expect(both("", "half", "", true)).toBe("remove");
    expect(both("half", "half", "half", true)).toBe("remove");
  });
});
