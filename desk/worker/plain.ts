// Markdown as one line of plain words, for lists: marks are for where a text is shown whole.

/** The words without the marks around them. What only looks like a mark, as in 2*3*4, stays. */
export function plain(text: string): string {
  return withoutTables(text)
    .replace(/^[ \t]*(?:#{1,6}[ \t]+|>[ \t]?|[-*+][ \t]+|```.*$)/gm, "")
    .replace(/!?\[([^\]\n]{0,200})\]\((?:[^()\n]|\([^()\n]{0,200}\)){1,500}\)/g, "$1")
    .replace(/<((?:https?:\/\/|mailto:)[^<>\s]{1,500})>/g, "$1")
    // Two stars make a word bold within another one, too; two underscores do not.
    .replace(/(?<!\*)(\*\*)(?=[^\s*])([^\n]{1,500}?)(?<=[^\s])\1(?!\*)/gu, "$2")
    .replace(/(?<![\p{L}\p{N}*])(\*\*|__|~~)(?=\S)([^\n]{1,500}?)(?<=\S)\1(?![\p{L}\p{N}*])/gu, "$2")
    .replace(/(?<![\p{L}\p{N}_*])([*_])(?=[^\s*_])([^*_\n]{1,500})(?<=\S)\1(?![\p{L}\p{N}_*])/gu, "$2")
    .replace(/`([^`\n]{1,500})`/g, "$1");
}

/** Whether this is the line below a table's head: dashes, with bars between or around them. */
function isDelimiter(line: string): boolean {
  if (!line.includes("|")) return false;
  const cells = line.trim().replace(/^\|/, "").replace(/\|$/, "").split("|");
  return cells.every((cell) => /^:?-+:?$/.test(cell.trim()));
}

/** The cells of tables as words. What has bars and no such line is no table. */
function withoutTables(text: string): string {
  if (!text.includes("|")) return text;
  const lines = text.split("\n");
  const cells = (line: string) => line.replace(/^[ \t]*\||\|[ \t]*$/g, "").split(/(?<!\\)\|/).map((cell) => cell.trim()).join(" ").trim();
  const shown: string[] = [];
  let isTable = false;
  for (const [n, line] of lines.entries()) {
    isTable = isTable ? line.includes("|") : line.includes("|") && isDelimiter(lines[n + 1] ?? "");
    if (!isTable) shown.push(line);
    else if (!isDelimiter(line)) shown.push(cells(line));
  }
  return shown.join("\n");
}
