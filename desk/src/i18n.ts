// The languages of the page. What ledger and client say in words of their own is English.
import { i18n } from "@lingui/core";

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

export async function speak(language: Language): Promise<void> {
  const { messages } = language === "de" ? await import("./locales/de.po") : await import("./locales/en.po");
  i18n.loadAndActivate({ locale: language, messages });
  document.documentElement.lang = language;
}

export async function choose(language: Language): Promise<void> {
  localStorage.setItem(KEPT, language);
  await speak(language);
}

export { i18n };
