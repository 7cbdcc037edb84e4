import { expect, test } from "vitest";

import { match, nameOf, type Place, type Press } from "./match.ts";
import { isSingle, SHORTCUTS } from "./table.ts";

const press = (key: string, rest: Partial<Press> = {}): Press => ({
  key,
  code: "",
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  repeat: false,
  isComposing: false,
  ...rest,
});
const HERE: Place = { isMac: false, inField: false, singleKeys: true };

test("each row of the table can be reached, and no two by the same keys", () => {
  const seen = new Set<string>();
  for (const row of SHORTCUTS) {
    for (const keys of row.keys) {
      expect(seen.has(keys), keys).toBe(false);
      seen.add(keys);
      let begun: string | null = null;
      let act: string | undefined;
      for (const key of keys.split(" ")) {
        const [last = "", ...held] = key.split("+").reverse();
        const one = press(last, { ctrlKey: held.includes("Mod"), shiftKey: held.includes("Shift") });
        const found = match(one, begun, HERE);
        begun = found && "begun" in found ? found.begun : null;
        act = found && "act" in found ? found.act : undefined;
      }
      expect(act, keys).toBe(row.id);
    }
  }
  // What begins a longer one is none itself: else the longer one could never be typed.
  for (const keys of seen) expect([...seen].some((other) => other.startsWith(`${keys} `)), keys).toBe(false);
  expect([...seen].some((keys) => /alt/i.test(keys))).toBe(false);
});

test("keys are what they type: the same on German, French and Russian keyboards", () => {
  expect(nameOf(press("?", { code: "Minus", shiftKey: true }), false), "Shift+ß").toBe("?");
  expect(nameOf(press("/", { code: "Digit7", shiftKey: true }), false), "Shift+7").toBe("/");
  expect(nameOf(press("z", { code: "KeyY" }), false), "Z stands where Y is").toBe("z");
  expect(nameOf(press("о", { code: "KeyJ" }), false), "a Russian keyboard").toBe("j");
  expect(nameOf(press("ö", { code: "Semicolon" }), false)).toBe("ö");
  expect(nameOf(press("О", { code: "KeyJ", shiftKey: true }), false), "the same with Shift").toBe("Shift+j");
  expect(nameOf(press("@", { code: "KeyQ", ctrlKey: true, altKey: true }), false), "AltGr types").toBe(null);
});

test("nothing happens where a person types, but what types nothing", () => {
  const field = { ...HERE, inField: true };
  expect(match(press("j"), null, field)).toBe(null);
  expect(match(press("?", { shiftKey: true }), null, field)).toBe(null);
  expect(match(press("k", { ctrlKey: true }), null, field)).toEqual({ act: "palette" });
  expect(match(press("Enter", { ctrlKey: true }), null, field)).toEqual({ act: "send" });
  expect(match(press("Enter", { ctrlKey: true, shiftKey: true }), null, field), "which is not only sent").toEqual({ act: "sendResolve" });
  expect(match(press("Enter", { shiftKey: true }), null, field), "a line of its own").toBe(null);
  expect(match(press("Enter", { ctrlKey: true, isComposing: true }), null, field)).toBe(null);
  expect(match(press("j", { isComposing: true }), null, HERE)).toBe(null);
});

test("other modifiers belong to the browser", () => {
  expect(match(press("r", { ctrlKey: true }), null, HERE), "Ctrl+R loads the page again").toBe(null);
  expect(match(press("k", { metaKey: true }), null, HERE)).toBe(null);
  expect(match(press("k", { metaKey: true }), null, { ...HERE, isMac: true })).toEqual({ act: "palette" });
  expect(match(press("k", { ctrlKey: true }), null, { ...HERE, isMac: true }), "a Mac's Ctrl+K deletes to the end of a line").toBe(null);
  expect(match(press("E", { shiftKey: true }), null, HERE), "a capital is no key").toBe(null);
  expect(match(press("J", { shiftKey: true, repeat: true }), null, HERE), "but where the table has it").toEqual({ act: "extendNext" });
  expect(match(press("K", { shiftKey: true, ctrlKey: true }), null, HERE), "the browser's").toBe(null);
  expect(match(press("E"), null, HERE), "but caps lock is no Shift").toEqual({ act: "resolve" });
});

test("one switch turns single keys off, and nothing else", () => {
  const off = { ...HERE, singleKeys: false };
  expect(match(press("e"), null, off)).toBe(null);
  expect(match(press("g"), null, off)).toBe(null);
  expect(match(press("k", { ctrlKey: true }), null, off)).toEqual({ act: "palette" });
  expect(match(press("Escape"), null, off)).toEqual({ act: "back" });
  expect(SHORTCUTS.flatMap((row) => row.keys).filter((keys) => !isSingle(keys))).toEqual(["Mod+k", "Enter", "Escape", "Mod+Enter", "Mod+Shift+Enter"]);
});

test("a second key that fits nothing counts for itself; held keys repeat where that makes sense", () => {
  expect(match(press("g"), null, HERE)).toEqual({ begun: "g" });
  expect(match(press("m"), "g", HERE)).toEqual({ act: "goMine" });
  expect(match(press("j"), "g", HERE)).toEqual({ act: "next" });
  expect(match(press("j", { repeat: true }), null, HERE)).toEqual({ act: "next" });
  expect(match(press("e", { repeat: true }), null, HERE)).toBe(null);
});
