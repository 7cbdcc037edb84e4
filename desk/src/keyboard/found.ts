/** Whether a command is found by what was typed: each word stands in its name or in what else it is called, in any order. */
export function isFound(typed: string, text: string, contains: (text: string, word: string) => boolean): boolean {
  return typed
    .trim()
    .split(/\s+/u)
    .every((word) => contains(text, word));
}
