// Tags of a ticket, as people type them and notes say them.
import type { Act, Message } from "sealdesk/views";

import { tagsOf, tagsText } from "../../worker/tags.ts";
import { TagsFull } from "./staff/tagsFull.ts";

export { namedTags, isTagsAlone, tagsOf } from "../../worker/tags.ts";

/** As many as a ticket has, and as long as one is, in letters. */
export const TAGS_MAX = 16;
const LETTERS_MAX = 32;

/** What somebody typed as tags. */
export function tagsIn(typed: string): string[] {
  return typed
    .split(/[,;\n]/)
    .map((word) => [...word.replace(/\s+/g, " ").trim()].slice(0, LETTERS_MAX).join("").trim())
    .filter((word) => word !== "");
}

/** The tags with one more, in the order in which they are shown. */
export function withTag(tags: readonly string[], tag: string): string[] {
  return [...new Set([...tags, tag])].sort();
}

/** Whether a ticket would have more tags than it can have, by what is new to it. Of one that has more already, some can be taken away. */
export const isTooMany = (before: readonly string[], after: readonly string[]): boolean => after.length > TAGS_MAX && after.some((tag) => !before.includes(tag));

/** What is done with tags, whatever they are by then. */
export interface TagChange {
  added: string[];
  removed: string[];
}

/** The same among acts: which tags a ticket has after it is known once it is sent. */
export interface Retag extends TagChange {
  act: "retag";
}

/** What somebody said is to be done, before it is sent. */
export type Planned = Act | Retag;

export const isRetag = (one: Planned): one is Retag => one.act === "retag";

/** What leads from the tags that a ticket has to others; `shown` is what somebody began with, which may be on its way. */
export function changeOf(has: readonly string[], shown: readonly string[], after: readonly string[]): TagChange {
  return { added: after.filter((tag) => !has.includes(tag)), removed: [...new Set([...has, ...shown])].filter((tag) => !after.includes(tag)) };
}

export const changed = (tags: readonly string[], { added, removed }: TagChange): string[] => added.reduce(withTag, tags.filter((tag) => !removed.includes(tag)));

/** Acts as they are sent, by what the ledger has then. What changes no tag is left out; throws where a ticket has no room for what is added. */
export function settled(acts: readonly Planned[], messages: readonly Message[]): Act[] {
  const before = tagsOf(messages);
  return acts.flatMap((one) => {
    if (!isRetag(one)) return [one];
    const after = changed(before, one);
    if (isTooMany(before, after)) throw new TagsFull();
    return after.join("\n") === [...before].sort().join("\n") ? [] : [tagsAct(after)];
  });
}

/** The note that says so; in words for programs that know no tags. */
export function tagsAct(tags: string[]): Act {
  return { act: "tags", tags, message: tagsText(tags) };
}
