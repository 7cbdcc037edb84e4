// The part of administration with its texts, which nobody else fetches.
import { addTexts, type Language } from "../i18n.ts";

const load = (language: Language) => (language === "de" ? import("./locales/de.po") : import("./locales/en.po"));

export async function admin() {
  const [part] = await Promise.all([import("./Admin.tsx"), addTexts(load)]);
  return part;
}
