// Whatever others write, the page shows it and does nothing else with it.
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";

import Markdown from "./Markdown.tsx";
import { namesIn } from "./markdownParts.ts";

const shown = (text: string) => renderToStaticMarkup(<Markdown text={text} />);

/** Everything that may come of a text: these elements, and of attributes only what a link and a direction need. */
const ELEMENT = /^<\/?(p|ul|ol|li|blockquote|h3|table|thead|tbody|tr|th|td|strong|em|s|br|hr|code|pre|a|bdi|span)(?: (?:dir|target|rel|class)="[a-z _]+"| href="(?:https?:\/\/|mailto:)[^"]*")*\/?>$/;

function refused(markup: string): string[] {
  return (markup.match(/<[^>]*>?/g) ?? []).filter((element) => !ELEMENT.test(element));
}

const CODE = ["alert(1)", "fetch('//evil.example')", "top.location='//evil.example'"];
const HANDLERS = ["onerror", "onload", "onclick", "onmouseover", "onfocus", "onanimationstart", "ontoggle", "onpointerdown"];
const ELEMENTS = ["img src=x", "svg", "body", "input autofocus", "details open", "video><source", "iframe srcdoc=x", "a href=#", "math", "marquee"];
const SCHEMES = ["javascript:", "JaVaScRiPt:", "java\tscript:", "&#106;avascript:", "\u0001javascript:", "data:text/html,", "vbscript:", "blob:", "file:///", "//evil.example/", "ftp://", "intent://"];

const PAYLOADS = [
  ...ELEMENTS.flatMap((element) => HANDLERS.flatMap((handler) => CODE.map((code) => `<${element} ${handler}="${code}">`))),
  ...SCHEMES.flatMap((scheme) => CODE.flatMap((code) => [`[here](${scheme}${code})`, `![x](${scheme}${code})`, `<${scheme}${code}>`, `[x]: ${scheme}${code}\n\n[x]`])),
  ...CODE.flatMap((code) => [`<script>${code}</script>`, `<style>@import '//evil.example'</style>`, `</span><script>${code}</script>`, `\`\`\`html\n<script>${code}</script>\n\`\`\``]),
  `[x](https://example.org/"onmouseover="alert(1))`,
  `[x](<https://example.org/" onclick="alert(1)>)`,
  `<meta http-equiv=refresh content="0;url=//evil.example">`,
  `<base href="//evil.example/">`,
  `<link rel=stylesheet href=//evil.example>`,
  `<form action=//evil.example><button>`,
  `<!--><img src=x onerror=alert(1)>-->`,
  `<![CDATA[<script>alert(1)</script>]]>`,
  `| a |\n|---|\n| <img src=x onerror=alert(1)> |`,
];

test("none of the injections becomes more than text", () => {
  expect(PAYLOADS.length).toBeGreaterThanOrEqual(300);
  for (const payload of PAYLOADS) expect(refused(shown(payload)), payload).toEqual([]);
});

test("the judge of that is not blind", () => {
  for (const bad of ["<script>", '<img src="x"/>', '<p onclick="x">', '<a href="javascript:x">', '<p style="color:red">']) {
    expect(refused(bad), bad).toEqual([bad]);
  }
});

test("letters that deceive stay in their paragraph and never hide where a link leads", () => {
  const tricks = ["\u202e", "\u2066", "\u200b", "\u200f", "\ufeff", "e\u0301".repeat(50), "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}"];
  for (const trick of tricks) {
    const markup = shown(`${trick}[${trick}bank.example](https://evil.example/)`);
    expect(markup, trick).toContain('<p dir="auto">');
    expect(markup, trick).toMatch(/\(<\/?[^>]*>?evil\.example|<bdi[^>]*>\(evil\.example\)<\/bdi>/);
  }
  expect(shown("invoice\u202efdp.exe"), "no letter turns the others round").toContain("invoice\ufffdfdp.exe");
  expect(shown("[bank](https://bаnk.example/)"), "a homograph shows as what it is").toContain("xn--");
});

test("no spelling of a letter that turns the others round gets by", () => {
  const spelt = ["&#x202e;", "&#8238;", "&#X202D;", "&#08238;"];
  for (const letter of spelt) {
    for (const text of [`a${letter}b`, `[a${letter}b](https://a.example/)`, `![a${letter}b](https://a.example/)`, `**a${letter}b**`, `| a${letter}b |\n|---|`, `[![a${letter}](https://a.example/)](https://b.example/)`]) {
      expect(shown(text), text).toContain("\ufffd");
      expect(shown(text), text).not.toMatch(/[\u202d\u202e]/);
    }
  }
  for (const text of ["https://a.example/%E2%80%AEfdp.exe", "<https://a.example/%E2%80%ADb>", "[![](https://a.example/%E2%80%AE)](https://b.example/)", "[](https://a.example/&#x202e;)", "`a\u202e`", "```\na\u202e\n```"]) {
    expect(shown(text), text).not.toMatch(/[\u202d\u202e]/);
  }
});

test("a link to write to somebody names nobody else", () => {
  for (const query of ["?cc=spy@evil.example", "?bcc=spy@evil.example&subject=x", "?to=spy@evil.example", "#spy@evil.example"]) {
    expect(shown(`[write](mailto:a@example.org${query})`)).toBe('<p dir="auto"><a href="mailto:a@example.org" target="_blank" rel="noopener noreferrer nofollow">write</a> <bdi class="quiet small">(a@example.org)</bdi></p>');
    expect(shown(`[write](mailto:${query})`), "and to nobody at all is no link").toBe('<p dir="auto">write</p>');
    expect(shown(`[](mailto:a@example.org${query})`)).not.toContain("evil");
  }
  expect(shown("[x](mailto:a@example.org,spy@evil.example)"), "all of them are shown").toContain("(a@example.org,spy@evil.example)");
});

const LETTERS_MAX = 65_536;
const elementsOf = (text: string): number => (shown(text).match(/<[a-z]/g) ?? []).length;

test("short rows do not make a small text a large page", () => {
  const table = `${"|a".repeat(256)}\n${"|-".repeat(256)}\n${"|\n".repeat(256)}\n`;
  expect(elementsOf(table)).toBe(1);
  expect(shown(table)).toBe(`<p dir="auto" class="written">${table}</p>`);
  expect(elementsOf(table.repeat(40))).toBe(1);
  expect(shown("|a|b|\n|-|-|\n|1|\n|2|"), "a few of them are").toContain("<td");
  expect(shown("x\u202ey\n".repeat(6_000)), "and nothing turns in what is shown as it was written").not.toContain("\u202e");
});

test("every text of 64 KiB has at most so many elements", () => {
  const parts = ["|a", "|-", "|", "\n", "\n\n", "* ", "*", "**", "_", "~~", "> ", "- ", "1. ", "# ", "`", "[", "](https://a.example/)", "![", "a", " ", "https://a.example/ ", "<mailto:a@b.example>", "    ", "```\n", "---\n", "&amp;", "\\"];
  let state = 11;
  const next = (most: number) => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) % most;
  const some = (most: number) => Array.from({ length: 1 + next(most) }, () => parts[next(parts.length)]).join("");
  const began = performance.now();
  for (let round = 0; round < 120; round++) {
    const unit = some(6).repeat(1 + next(300)) + some(3).repeat(1 + next(300));
    const text = unit.repeat(Math.ceil(LETTERS_MAX / unit.length)).slice(0, round % 2 ? LETTERS_MAX : 2_000);
    const elements = elementsOf(text);
    expect(elements, text.slice(0, 80)).toBeLessThanOrEqual(Math.min(12_000, 16 + 3 * text.length));
  }
  expect(performance.now() - began).toBeLessThan(50_000);
});

test("marks round marks end where a browser would", () => {
  for (const mark of ["*", "_", "~~", "> ", "- ", "![", "["]) {
    const deep = `${mark.repeat(3_000)}a${mark.trim().repeat(3_000)}`;
    const open = [...shown(deep).matchAll(/<(\/?)(?:strong|em|s|blockquote|li|ul)\b/g)];
    let [here, most] = [0, 0];
    for (const [, end] of open) most = Math.max(most, (here += end ? -1 : 1));
    expect(most, mark).toBeLessThanOrEqual(100);
  }
});

test("what people use works", () => {
  expect(shown("**a** _b_ ~~c~~ `d`\ne")).toBe(
    '<p dir="auto"><strong>a</strong> <em>b</em> <s>c</s> <code>d</code><br/>e</p>',
  );
  expect(shown("1. a\n2. b")).toContain("<ol><li");
  expect(shown("# a")).toBe('<h3 dir="auto">a</h3>');
  expect(shown("[x](mailto:a@example.org)")).toContain('href="mailto:a@example.org"');
});

test("an address is a link with its host, as its author wrote it and without what ends the sentence", () => {
  const link = (href: string, host: string) => `<a href="${href}" target="_blank" rel="noopener noreferrer nofollow">${href}</a> <bdi class="quiet small">(${host})</bdi>`;
  const p = (inside: string) => `<p dir="auto">${inside}</p>`;
  expect(shown("See https://example.com/fix, then go on.")).toBe(p(`See ${link("https://example.com/fix", "example.com")}, then go on.`));
  expect(shown("http://a.example/?x=1#y")).toBe(p(link("http://a.example/?x=1#y", "a.example")));
  expect(shown("(https://a.example/b_(c)) **https://d.example/**")).toBe(p(`(${link("https://a.example/b_(c)", "a.example")}) <strong>${link("https://d.example/", "d.example")}</strong>`));
  expect(shown("„https://a.example/b“.")).toBe(p(`„${link("https://a.example/b", "a.example")}“.`));
  expect(shown("HTTPS://A.example")).toContain("(a.example)");
  expect(shown("https://bank.example@evil.example/"), "whose host is said").toContain("(evil.example)");
  expect(shown("https://bank.example\u202e/x"), "a letter that deceives is not part of it").toContain("(bank.example)</bdi>\ufffd/x");
});

test("what is not a web address is not a link", () => {
  for (const text of ["ftp://a.example/", "xhttps://a.example/", "www.a.example", "a.example", "a@b.example", "javascript:alert(1)", "https://", "//a.example/", "`https://a.example/`"]) {
    expect(shown(text), text).not.toContain("<a ");
  }
  expect(shown("[https://a.example/](https://b.example/)"), "no link in a link").not.toContain("(a.example)");
});

test("a picture from elsewhere is a link, by its words or its address", () => {
  expect(shown("![a roller](https://a.example/r.png)")).toContain('<p dir="auto"><a href="https://a.example/r.png"');
  expect(shown("![a roller](https://a.example/r.png)")).toContain(">a roller</a>");
  expect(shown("![](https://a.example/r.png)")).toContain(">https://a.example/r.png</a>");
});

test("a link has no link in it: where each leads stands beside it", () => {
  for (const text of ["[![build](https://a.example/b.svg)](https://b.example/)", "![see [here](https://a.example/)](https://b.example/)", "[![](https://a.example/)](https://b.example/)"]) {
    const markup = shown(text);
    expect(markup.match(/<a /g)?.length, markup).toBe(1);
    expect(markup, text).toContain('href="https://b.example/"');
    expect(markup, text).not.toContain("(a.example)");
    expect(markup, "and has words to press").toMatch(/<a [^>]*>[^<]+<\/a>/);
  }
});

test("no letter of a text is lost and none is there twice, whatever is like an address in it", () => {
  expect(shown("Use https://<your-host>/api and see https://docs.example.com/x for help.")).toContain("https://&lt;your-host&gt;/api and see <a ");
  const parts = ["https://", "http://", "<", ">", "x ", "a.example", "/b?c=1", "(", ")", ".", '"', "|", " ", "\u3001", "you:", "HTTPS://Q", "https://a.example/(y", "@", "#z"];
  let state = 7;
  const next = (most: number) => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) % most;
  for (let round = 0; round < 5_000; round++) {
    const text = `x${Array.from({ length: 2 + next(8) }, () => parts[next(parts.length)]).join("")}`;
    const words = shown(text)
      .replace(/ <bdi class="quiet small">.*?<\/bdi>/g, "")
      .replace(/<[^>]*>/g, "")
      .replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&quot;/g, '"').replace(/&amp;/g, "&");
    const squeezed = (line: string) => line.replace(/\s+/g, "");
    // What stands in "<https://…>" is an address without its brackets.
    const source = text.replace(/<(https?:\/\/[^<>\s]*)>/gi, (whole, inside: string) => (words.includes(whole) ? whole : inside));
    expect(squeezed(words), text).toBe(squeezed(source));
  }
});

test("addresses take as long as they are", () => {
  const began = performance.now();
  for (const text of ["https://a.example/" + ")".repeat(60_000), "a://".repeat(15_000), "http://".repeat(10_000), "https://a.example/".repeat(4_000), "(https://a.example/[".repeat(3_000)]) shown(text);
  expect(performance.now() - began).toBeLessThan(10_000);
});

test("letters that have a name are shown as themselves, the rare ones when their names are there", async () => {
  expect(shown("&lt;b&gt; &amp;amp; &#228; &copyright")).toBe('<p dir="auto">&lt;b&gt; &amp;amp; ä &amp;copyright</p>');
  expect(namesIn("a & b; &amp; &quot; `&;`"), "what people type needs no table").toBe(undefined);
  await namesIn("&Uuml;ber");
  expect(shown("&Uuml;ber &hellip; &nosuchname; [x](https://example.org/?a=1&copy;=2)")).toContain("Über … &amp;nosuchname; <a href=\"https://example.org/?a=1%C2%A9=2\"");
});

test("a link's host is what the browser goes to", () => {
  expect(shown("[x](https://Müller.example/ä)")).toContain('href="https://xn--mller-kva.example/%C3%A4"');
  expect(shown("[x](https://m%C3%BCller.example/)")).toContain("<bdi");
  expect(shown("<https://müller.example/>")).toContain(">https://müller.example/</a>");
  expect(shown("[x](mailto:a@müller.example)")).toContain("(a@");
  expect(shown("a**«b»**"), "punctuation is known beyond ASCII").toBe('<p dir="auto">a**«b»**</p>');
});
