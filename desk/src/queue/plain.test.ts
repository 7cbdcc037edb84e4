import { expect, test } from "vitest";

import { plain } from "../../worker/plain.ts";

test("a text is plain words in a list", () => {
  expect(plain("# Hello\n> **Look** at `x = 1`\n- one\n* _two_\nSee [our page](https://a.example/b).")).toBe("Hello\nLook at x = 1\none\ntwo\nSee our page.");
});

test("marks within words, links with brackets in them and pictures without a name are none of the words", () => {
  expect(plain("Un**believ**able, see [this](https://a.example/b_(c)) or <https://d.example/e>. ![](f.png)")).toBe(
    "Unbelievable, see this or https://d.example/e. ",
  );
  expect(plain("2**3 and 4 ** 5 ** 6")).toBe("2**3 and 4 ** 5 ** 6");
});

test("what only looks like a mark stays", () => {
  for (const text of ["2*3*4", "snake_case_name", "a * b", "5 > 3", "C# and F#", "[x] done", "**"]) expect(plain(text)).toBe(text);
});

test("a table is the words of its cells", () => {
  expect(plain("Prices:\n\n| a | b |\n|---|:-:|\n| 1 | **2** |\n\nBye | now")).toBe("Prices:\n\na b\n1 2\n\nBye | now");
  expect(plain("a | b\n--- | ---\n1 | 2")).toBe("a b\n1 2");
  for (const text of ["a | b", "| not a table |", "a\n---\nb", "x | y\n- z"]) expect(plain(text)).toBe(text.replace("- z", "z"));
  const began = performance.now();
  const blanks = " ".repeat(60_000);
  for (const line of ["|-".repeat(30_000), "| ".repeat(30_000), `|-${blanks}`, `${blanks}x|`, `-${blanks}:|`, `${blanks}|-|${blanks}`]) plain(`a|b\n${line}x\n${line}`);
  expect(performance.now() - began).toBeLessThan(2_000);
});
