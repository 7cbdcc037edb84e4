/** The account that a recovery kit names, where it names one. */
export function accountIn(text: string): string | null {
  return /(?:^|\s)([a-z]{1,32}1[02-9ac-hj-np-z]{38})\s*$/m.exec(text)?.[1] ?? null;
}

/** A kit that was opened or pasted: its words, and the account that it names. It is this kit as long as the words are the same. */
export interface Kit {
  words: string;
  account: string;
}

/**
 * The account that a kit names where its words alone lead to another one, `address`: that is one in a wallet. A kit of a desk whose accounts are
 * written with other first letters says nothing of this one.
 */
export function ownerOf(kit: Kit | null, words: string, address: string): string | null {
  if (kit === null || kit.words !== words || kit.account === address) return null;
  const prefix = (account: string) => account.slice(0, account.lastIndexOf("1"));
  return prefix(kit.account) === prefix(address) ? kit.account : null;
}
