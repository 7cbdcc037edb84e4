// The languages of the page. What ledger and client say in words of their own is English.
import { i18n, type Messages } from "@lingui/core";

export const LANGUAGES = { en: "English", de: "Deutsch" } as const;
export type Language = keyof typeof LANGUAGES;

const KEPT = "language";

const isLanguage = (text: string | null | undefined): text is Language => text != null && Object.hasOwn(LANGUAGES, text);

/** What the person chose, else the first language of the browser that this page has. */
export function preferred(): Language {
  const kept = localStorage.getItem(KEPT);
  if (isLanguage(kept)) return kept;
  return navigator.languages.map((language) => language.split("-")[0]).find(isLanguage) ?? "en";
}

/** A language as the person's browser writes dates and numbers in it: British English has the day first. */
export function regional(language: string): string {
  return navigator.languages.find((one) => one.split("-")[0] === language) ?? language;
}

export type Load = (language: Language) => Promise<{ messages: Messages }>;

/** Where the texts of each part are; parts that few people open add theirs when they are opened. */
const loads: Load[] = [(language) => (language === "de" ? import("./locales/de.po") : import("./locales/en.po"))];

const added = new Map<Load, Promise<void>>();

/** Adds the texts of a part. Once is enough. */
export function addTexts(load: Load): Promise<void> {
  const before = added.get(load);
  if (before) return before;
  loads.push(load);
  const done = speak(i18n.locale as Language).catch((error: unknown) => {
    // They can be asked for again, and no other language waits for them.
    loads.splice(loads.indexOf(load), 1);
    added.delete(load);
    throw error;
  });
  added.set(load, done);
  return done;
}

export async function speak(language: Language): Promise<void> {
  const all = await Promise.all(loads.map((load) => load(language)));
  i18n.loadAndActivate({ locale: language, locales: regional(language), messages: Object.assign({}, ...all.map(({ messages }) => messages)) });
  document.documentElement.lang = language;
}

export async function choose(language: Language): Promise<void> {
  localStorage.setItem(KEPT, language);
  await speak(language);
}

export { i18n };
