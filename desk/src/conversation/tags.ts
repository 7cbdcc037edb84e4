// Tags of a ticket, as people type them and notes say them.
import type { Act } from "sealdesk/views";

import { tagsText } from "../../worker/tags.ts";

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
  return [...new Set([...tags, tag])].sort().slice(0, TAGS_MAX);
}

/** The note that says so; in words for programs that know no tags. */
export function tagsAct(tags: string[]): Act {
  return { act: "tags", tags, message: tagsText(tags) };
}
