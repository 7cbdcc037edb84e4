// Parts of the page that come with texts of their own, so that nobody fetches either before they need it.
import { addTexts, type Language, type Load } from "../i18n.ts";

const team: Load = (language: Language) => (language === "de" ? import("./locales/team.de.po") : import("./locales/team.en.po"));
const later: Load = (language: Language) => (language === "de" ? import("./locales/later.de.po") : import("./locales/later.en.po"));
const newer: Load = (language: Language) => (language === "de" ? import("./locales/newer.de.po") : import("./locales/newer.en.po"));

/** A part whose texts are there before it is. */
const withTexts =
  (texts: Load) =>
  async <Part>(load: () => Promise<Part>): Promise<Part> =>
    (await Promise.all([load(), addTexts(texts)]))[0];

/** What only the team sees. */
export const ofTeam = withTexts(team);

/** What a press opens, and nobody sees at first. */
export const ofLater = withTexts(later);

/** What is said of the page itself, which is there before it is needed: a page that is renewed gives out no parts of this one any more. */
export const ofNewer = withTexts(newer);

/** What staff need as soon as they are here. */
export const staff = () => ofTeam(() => import("./staff.ts"));
