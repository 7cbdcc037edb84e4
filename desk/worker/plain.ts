// Markdown as one line of plain words, for lists: marks are for where a text is shown whole.

/** The words without the marks around them. What only looks like a mark, as in 2*3*4, stays. */
export function plain(text: string): string {
  return text
    .replace(/^[ \t]*(?:#{1,6}[ \t]+|>[ \t]?|[-*+][ \t]+|```.*$)/gm, "")
    .replace(/!?\[([^\]\n]{0,200})\]\((?:[^()\n]|\([^()\n]{0,200}\)){1,500}\)/g, "$1")
    .replace(/<((?:https?:\/\/|mailto:)[^<>\s]{1,500})>/g, "$1")
    // Two stars make a word bold within another one, too; two underscores do not.
    .replace(/(?<!\*)(\*\*)(?=[^\s*])([^\n]{1,500}?)(?<=[^\s])\1(?!\*)/gu, "$2")
    .replace(/(?<![\p{L}\p{N}*])(\*\*|__|~~)(?=\S)([^\n]{1,500}?)(?<=\S)\1(?![\p{L}\p{N}*])/gu, "$2")
    .replace(/(?<![\p{L}\p{N}_*])([*_])(?=[^\s*_])([^*_\n]{1,500})(?<=\S)\1(?![\p{L}\p{N}_*])/gu, "$2")
    .replace(/`([^`\n]{1,500})`/g, "$1");
}
