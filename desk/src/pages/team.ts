// Parts that only the team sees, with their texts: customers fetch neither.
import { addTexts, type Language } from "../i18n.ts";

const texts = (language: Language) => (language === "de" ? import("./locales/team.de.po") : import("./locales/team.en.po"));

/** A part whose texts are there before it is. */
export const withTexts = async <Part>(load: () => Promise<Part>): Promise<Part> => (await Promise.all([load(), addTexts(texts)]))[0];

/** What staff need as soon as they are here. */
export const staff = () => withTexts(() => import("./staff.ts"));
