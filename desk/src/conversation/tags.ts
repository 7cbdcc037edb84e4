// Tags of a ticket, as its newest note that names any has them.
import type { Act, Message } from "sealdesk/views";

/** As many as a ticket has, and as long as one is, in letters. */
export const TAGS_MAX = 16;
const LETTERS_MAX = 32;

export function tagsOf(messages: readonly Message[]): string[] {
  return messages.findLast((message) => message.tags !== undefined)?.tags ?? [];
}

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
  return { act: "tags", tags, message: tags.length === 0 ? "No tags" : `Tags: ${tags.join(", ")}` };
}
