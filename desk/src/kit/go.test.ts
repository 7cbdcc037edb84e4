import { expect, test, vi } from "vitest";

import { goes } from "./go.ts";

const key = (more: object) => ({
  key: "Enter", code: "Enter", ctrlKey: true, metaKey: false, altKey: false, shiftKey: false, isComposing: false, repeat: false, preventDefault: vi.fn(), stopPropagation: vi.fn(), ...more,
});

function dialog(primary: { click(): void } | null) {
  const asked: string[] = [];
  const querySelector = ((selector: string) => (asked.push(selector), primary)) as unknown as ParentNode["querySelector"];
  return { querySelector, asked };
}

test("Ctrl+Enter presses what a dialog is there for, and nothing else by that key", () => {
  const click = vi.fn();
  const event = key({});
  const { querySelector, asked } = dialog({ click });
  expect(goes(event, { querySelector }, false)).toBe(true);
  expect(click).toHaveBeenCalledOnce();
  expect(event.preventDefault).toHaveBeenCalledOnce();
  expect(event.stopPropagation).toHaveBeenCalledOnce();
  expect(asked[0]).not.toContain("grave");
});

test("other keys are the dialog's own, and so is everything where the button does nothing yet", () => {
  const click = vi.fn();
  for (const more of [{ ctrlKey: false }, { shiftKey: true }, { key: "a" }, { ctrlKey: false, metaKey: true }]) {
    const event = key(more);
    expect(goes(event, dialog({ click }), false)).toBe(false);
    expect(event.preventDefault).not.toHaveBeenCalled();
  }
  expect(goes(key({ ctrlKey: false, metaKey: true }), dialog({ click }), true), "on a Mac").toBe(true);
  expect(goes(key({}), dialog(null), false)).toBe(false);
  expect(click).toHaveBeenCalledOnce();
});
