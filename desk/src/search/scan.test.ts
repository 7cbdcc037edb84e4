import { describe, expect, test } from "vitest";

import { type Entry, entryOf, fold, holds, type Marked, marked, type Narrowing, type SaidText, shown, wordsOf } from "../../worker/scan.ts";
import { Scanner, SHOWN_MAX } from "../../worker/scanning.ts";

const entry = (id: string, subject: string | null, ...texts: string[]): Entry => {
  const said = texts.map((text, n): SaidText => [n === 0 ? null : n - 1, false, text]);
  return entryOf(id, { as_of: `2026-11-0${id.slice(-1)}`, subject, said, closed: 0, files: 0, tags: [] });
};

const words = ({ text, marks }: Marked) => marks.map(([from, to]) => text.slice(from, to));

describe("folding", () => {
  test("case, accents and other forms of a letter make no difference", () => {
    expect(fold("Straße ÀÉÎ Łódź Ørsted ﬁn İ")).toBe(fold("STRASSE aei lodz orsted FIN i"));
    expect(fold("Å")).toBe(fold("Å"));
  });
  test("what is not a letter stays", () => {
    expect(fold("0x80070005 – 価格")).toBe("0x80070005 – 価格");
  });
  test("a query is its words, each once and not without end", () => {
    expect(wordsOf("  Drucker  drucker\nÄrger ")).toEqual(["drucker", "arger"]);
    expect(wordsOf("a b c d e f g h i j k").length).toBe(8);
    expect(wordsOf("x".repeat(5_000))[0]?.length).toBe(200);
  });
});

describe("finding", () => {
  const printer = entry("TKT-00000003", "Drücker brennt", "Seit heute früh.", "Fehler 0x80070005 am Gerät");
  test("all words have to be somewhere in the ticket, in any order and as a part of a word", () => {
    expect(holds(printer, wordsOf("gerat drucker"))).toBe(true);
    expect(holds(printer, wordsOf("0070005"))).toBe(true);
    expect(holds(printer, wordsOf("00000003 heute"))).toBe(true);
    expect(holds(printer, wordsOf("drucker papier"))).toBe(false);
  });
  test("a result shows the message that has most of the words", () => {
    const found = shown(printer, wordsOf("fehler gerat"));
    expect(found.response).toBe(0);
    expect(words(found.said)).toEqual(["Fehler", "Gerät"]);
    expect(found.subject && words(found.subject)).toEqual([]);
  });
  test("marks stand on whole letters of the text as it was written", () => {
    expect(words(marked("Die STRASSE und die Straße, a\u0301b", wordsOf("strasse áb")))).toEqual(["STRASSE", "Straße", "a\u0301b"]);
    expect(words(marked("👍🏽ok👍🏽", wordsOf("ok")))).toEqual(["ok"]);
    expect(marked("aaaa", wordsOf("aa")).marks).toEqual([[0, 4]]);
  });
  test("of a long text the part round the word is shown", () => {
    const found = shown(entry("TKT-00000001", "S", `${"vorher ".repeat(200)}Nadel ${"nachher ".repeat(200)}`), ["nadel"]);
    expect(words(found.said)).toEqual(["Nadel"]);
    expect(found.said.text.length).toBeLessThan(200);
    expect(found.said.text).toMatch(/^… .*… *$/u);
  });
  test("a text without blanks, and one cut inside a sign, are shown too", () => {
    const found = shown(entry("TKT-00000001", null, `${"👍".repeat(300)}nadel${"👎".repeat(300)}`), ["nadel"]);
    expect(words(found.said)).toEqual(["nadel"]);
    expect(found.said.text).not.toMatch(/\p{Surrogate}/u);
    expect(found.subject).toBeNull();
  });
});

const all = (entries: Iterable<Entry>, version = 1) => ({ entries: new Map([...entries].map((entry, n) => [`${entry.id} ${n}`, entry])), version });
const tickets = (result: { found: { ticket: string }[] } | null) => result?.found.map(({ ticket }) => ticket.slice(-1)).join("");

describe("scanning", () => {
  const many = Array.from({ length: 3_000 }, (_, n) => entry(`TKT-${String(n).padStart(8, "0")}`, n % 2 ? "Papier" : "Toner", "fehlt"));
  test("hits in the subject come first, then the newest", async () => {
    const few = [entry("TKT-00000001", "a", "toner"), entry("TKT-00000004", "toner", "c"), entry("TKT-00000002", "b", "toner"), entry("TKT-00000003", "toner", "c")];
    expect(tickets(await new Scanner().scan(all(few), "toner"))).toBe("4321");
  });
  test("not all are shown, and all are counted", async () => {
    const result = await new Scanner().scan(all(many), "papier fehlt");
    expect(result?.found.length).toBe(SHOWN_MAX);
    expect(result?.count).toBe(1_500);
    expect(new Set(tickets(result)).size).toBe(1);
  });
  test("nothing is found for no words", async () => {
    expect(await new Scanner().scan(all(many), "  ")).toEqual({ found: [], count: 0 });
  });
  test("who types on, takes back, and looks for something else finds the same as who begins with it", async () => {
    const few = all([entry("TKT-00000001", "Papierstau", "im Drucker"), entry("TKT-00000002", "Papier", "fehlt"), entry("TKT-00000003", "Drucker", "aus")]);
    const scanner = new Scanner();
    for (const query of ["p", "pa", "papiers", "papier", "papier dr", "dr", "drucker", "drucker papier", "x", ""]) {
      expect(await scanner.scan(few, query), query).toEqual(await new Scanner().scan(few, query));
    }
    // What came meanwhile is found too.
    await scanner.scan(few, "papier");
    expect(tickets(await scanner.scan(all([...few.entries.values(), entry("TKT-00000004", "Papierkorb", "voll")], 2), "papierk"))).toBe("4");
  });
  test("filters leave what they name, with words and without, and who types on in them finds the same", async () => {
    const kept = (n: number, files: number, ...tags: string[]) => {
      const one = entry(`TKT-0000000${n}`, "Papier", "fehlt");
      return { ...one, kept: { ...one.kept, files, tags } };
    };
    const few = all([kept(1, 0), kept(2, 1, "Rückgabe"), kept(3, 2, "vip"), kept(4, 0, "Rückgabe", "vip")]);
    const none: Narrowing = { within: null, tags: [], withoutTags: [], hasFiles: null };
    const cases: [string, Narrowing, string][] = [
      ["", { ...none, within: ["TKT-00000001", "TKT-00000003"] }, "31"],
      ["papier", { ...none, within: [] }, ""],
      ["toner", { ...none, within: ["TKT-00000001"] }, ""],
      ["", { ...none, tags: ["ruckgabe"] }, "42"],
      ["fehlt", { ...none, tags: ["ruckgabe", "vip"] }, "432"],
      ["", { ...none, withoutTags: ["vip"] }, "21"],
      ["", { ...none, tags: ["ruckgabe"], withoutTags: ["vip"], hasFiles: true }, "2"],
      ["", { ...none, hasFiles: false }, "41"],
    ];
    const scanner = new Scanner();
    for (const [words, narrowing, expected] of cases) {
      expect(tickets(await scanner.scan(few, words, narrowing)), JSON.stringify(narrowing)).toBe(expected);
      expect(tickets(await scanner.scan(few, "papier")), "and without filters all are there again").toBe("4321");
    }
  });
  test("a later scan overtakes an earlier one", async () => {
    const scanner = new Scanner();
    let looked = 0;
    const slow = {
      version: 1,
      entries: {
        *values() {
          for (let n = 0; n < 400_000; n++) {
            looked++;
            yield many[n % many.length] as Entry;
          }
        },
      } as unknown as Map<string, Entry>,
    };
    const earlier = scanner.scan(slow, "papier");
    const later = scanner.scan(all(many.slice(0, 10), 2), "toner");
    expect((await later)?.count).toBe(5);
    expect(await earlier).toBeNull();
    expect(looked).toBeLessThan(400_000);
  });
});
