// A file's name before it is sealed. What readers are shown is made harmless once more, by the client that opens it.

/** Characters that hide, reorder or end what a reader sees. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0]/gu;

/** What stands in a list of files that somebody chose. */
export const shownName = (name: string): string => name.replace(HIDDEN, "_");
