/** The account that a recovery kit names, where it names one. */
export function accountIn(text: string): string | null {
  return /(?:^|\s)([a-z]{1,32}1[02-9ac-hj-np-z]{38})\s*$/m.exec(text)?.[1] ?? null;
}
