import type { Standing } from "sealdesk/views";
import { expect, test, vi } from "vitest";

vi.mock("../conversation/told.tsx", () => ({}));
vi.mock("../door.ts", () => ({ door: {} }));
vi.mock("../kit/Problem.tsx", () => ({}));
vi.mock("../offline/NeedsDesk.tsx", () => ({}));
vi.mock("../session/session.tsx", () => ({}));
const { isAppointed } = await import("./MissingKey.tsx");

const standing = (more: Partial<Standing>): Standing => ({ role: "support_agent", state: "active", in_circle: false, active_keys: 0, counts: false, ...more });

test("a key is published by itself on a signature, and not on the word of a node", () => {
  expect(isAppointed(standing({}))).toBe(false);
  expect(isAppointed(standing({ role: "administrator" }))).toBe(false);
  expect(isAppointed(standing({ counts: true }))).toBe(true);
  expect(isAppointed(standing({ in_circle: true }))).toBe(true);
  expect(isAppointed(standing({ counts: true, state: "suspended" }))).toBe(false);
});
