// Which ticket somebody means by what they type: its number, or what it is about.
import { fold } from "../../../worker/scan.ts";
import { ticketIn } from "./ids.ts";

/** As many as stand below a field. */
const SHOWN_MAX = 8;

export interface Other {
  id: string;
  subject: string | null;
  /** Whether it is of the same customer: these stand first, and are there before anything is typed. */
  isBeside: boolean;
}

/** What is offered for what was typed, the customer's own first. */
export function offered(typed: string, others: Iterable<Other>): Other[] {
  const named = ticketIn(typed);
  const words = fold(typed.trim());
  const found = [...others].filter(({ id, subject, isBeside }) => {
    if (words === "") return isBeside;
    // "404" is a number of a ticket, and may be what another one is about.
    return id === named || fold(`${named === null ? id : ""} ${subject ?? ""}`).includes(words);
  });
  const rank = ({ id, isBeside }: Other) => (id === named ? 2 : Number(isBeside));
  return found.sort((one, other) => rank(other) - rank(one)).slice(0, SHOWN_MAX);
}

/**
 * The ticket that is meant: by its number, whether it is listed here or not, which is also what a pressed offer leaves in the field; or as the only one
 * that what was typed fits. Of those whose subject this page has opened, that is: where a ticket closes into the other one, words alone mean none.
 */
export function meant(typed: string, offers: readonly Other[], byWords: boolean): string | null {
  return ticketIn(typed) ?? (byWords && typed.trim() !== "" && offers.length === 1 ? (offers[0]?.id ?? null) : null);
}
