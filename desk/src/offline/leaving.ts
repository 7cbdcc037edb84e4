// What has to be done before a page goes that its person asked to load anew. Whoever holds something says so here as soon as they are loaded: once
// the node serves another page, nothing more of this one can be had.

/** What stands here is kept or sent, in this order: what is on its way goes first, since it may put something into a draft. */
const ORDER = ["sent", "kept"] as const;
type Kind = (typeof ORDER)[number];

const work: Record<Kind, (() => Promise<unknown>)[]> = { sent: [], kept: [] };

export const beforeLeaving = (kind: Kind, does: () => Promise<unknown>): unknown => work[kind].push(does);

/** Rejects where something could not be kept, or sent, once all else is. */
export async function leave(): Promise<void> {
  const done: PromiseSettledResult<unknown>[] = [];
  for (const kind of ORDER) done.push(...(await Promise.allSettled(work[kind].map((does) => does()))));
  for (const one of done) if (one.status === "rejected") throw one.reason;
}
