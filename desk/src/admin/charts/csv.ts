// A table as a file that spreadsheets open, in which nothing runs.

export type Cell = string | number | null;

/** What a spreadsheet would take for a formula is text: it gets an apostrophe before it (OWASP, CSV injection). */
const RUNS = /^\s*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/;

function cell(value: Cell): string {
  if (value === null) return "";
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "";
  const text = RUNS.test(value) ? `'${value}` : value;
  return /[",\n\r;']/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** RFC 4180, with a byte order mark, by which Excel knows that it is UTF-8. */
export function csv(header: string[], rows: Cell[][]): string {
  return `\ufeff${[header, ...rows].map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}
