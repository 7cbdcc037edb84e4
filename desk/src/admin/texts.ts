// The part of administration with its texts, which nobody else fetches.
import { addTexts, type Language } from "../i18n.ts";

const load = (language: Language) => (language === "de" ? import("./locales/de.po") : import("./locales/en.po"));

/** What a new desk shows in the place of its first tickets. */
export async function firstSteps() {
  const [part] = await Promise.all([import("./FirstSteps.tsx"), addTexts(load)]);
  return part;
}

export async function admin() {
  const [part] = await Promise.all([import("./Admin.tsx"), addTexts(load)]);
  return part;
}
