// Tags of a ticket: a note says what they are from there on. Where it is not certain who wrote it, the module gives none.
import type { Message } from "sealdesk/views";

type Said = Pick<Message, "internal" | "text" | "tags" | "attachments" | "warned">;

/** What this note says the tags are; undefined where it is not to be believed, or says nothing of them. */
export function namedTags({ internal, tags }: Said): string[] | undefined {
  return internal && Array.isArray(tags) ? tags.map(String) : undefined;
}

/** The tags of a ticket with these messages: as its newest note that names any has them. */
export function tagsOf(messages: readonly Said[]): string[] {
  for (const message of [...messages].reverse()) {
    const tags = namedTags(message);
    if (tags !== undefined) return tags;
  }
  return [];
}

/** The same in words, for programs that know no tags. */
export const tagsText = (tags: readonly string[]): string => (tags.length === 0 ? "No tags" : `Tags: ${tags.join(", ")}`);

/** Whether a message says what the tags are and nothing else, so that the page can say it in its own words. */
export function isTagsAlone(message: Said): boolean {
  const tags = namedTags(message);
  const words = (text: string) => text.split(", ").sort().join(", ");
  if (tags === undefined || message.text === null || message.attachments.length > 0 || message.warned.length > 0) return false;
  return tags.length === 0 ? message.text === tagsText([]) : message.text.startsWith("Tags: ") && words(message.text.slice("Tags: ".length)) === words(tags.join(", "));
}
