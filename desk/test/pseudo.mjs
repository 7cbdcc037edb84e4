// Languages that nobody speaks, made of the English one while it is loaded: what is not in the catalogue, what has no room for longer words
// and what knows only one direction is seen at once. No such language is part of the page.
const ACCENTS = { a: "á", c: "ç", d: "ð", e: "é", i: "í", n: "ñ", o: "ø", s: "š", u: "ü", y: "ý", z: "ž", A: "Á", C: "Ç", E: "É", I: "Í", N: "Ñ", O: "Ø", S: "Š", U: "Ü" };
const ARABIC = [..."ابتثجحخدذرزسشصضطظعغفقكلمنه"];

/** Words are a third longer, as those of German and Finnish are. */
const long = (word) => [...word].map((letter) => ACCENTS[letter] ?? letter).join("") + "ü".repeat(Math.floor(word.length / 3));
const arabic = (word) => [...word.toLowerCase()].map((letter) => ARABIC[letter.charCodeAt(0) - 97] ?? letter).join("");
const LANGUAGES = { long, rtl: arabic };

/** The text between the marks of elements (`<0>`), word by word. */
const spoken = (text, word) => text.replace(/<\/?\d+\/?>|[A-Za-z]+/g, (part) => (part.startsWith("<") ? part : word(part)));

/** A message as Lingui compiles it: texts, and lists that name a value, how it is shown, and its forms. */
function message(parts, word) {
  return parts.map((part) => {
    if (typeof part === "string") return spoken(part, word);
    const [value, kind, forms] = part;
    if (typeof forms !== "object" || forms === null) return part;
    const said = (form) => (Array.isArray(form) ? message(form, word) : typeof form === "string" ? spoken(form, word) : form);
    return [value, kind, Object.fromEntries(Object.entries(forms).map(([name, form]) => [name, said(form)]))];
  });
}

/** Lets a browser's pages speak such a language: `long`, or `rtl`, which is read from the right. */
export async function speak(context, language) {
  const word = LANGUAGES[language];
  await context.route(/\/assets\/(?:\w+\.)?en-[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    const [, quoted, end] = /JSON\.parse\((.*)\);(export.*)$/s.exec(await response.text());
    // However the build quotes it: it is our own.
    const text = Function(`return ${quoted}`)();
    const messages = Object.fromEntries(Object.entries(JSON.parse(text)).map(([id, parts]) => [id, message(parts, word)]));
    const name = /export\{(\w+) as/.exec(end)[1];
    await route.fulfill({ response, body: `var ${name}=JSON.parse(${JSON.stringify(JSON.stringify(messages))});${end}` });
  });
  if (language === "rtl") {
    await context.addInitScript(() => {
      const turn = () => document.documentElement?.setAttribute("dir", "rtl");
      turn();
      addEventListener("DOMContentLoaded", turn);
    });
  }
}
