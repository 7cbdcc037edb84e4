// Views that this browser alone kept, before they went to the ledger: they go there once, beside what other devices brought.
import { door } from "../door.ts";

const TAKING = "sealdesk-views";

/** What stands there, and what this browser kept; where the latter could be written, it is kept here no more. */
export async function takeOver(entries: Record<string, unknown>): Promise<Record<string, unknown>> {
  if ((await door.kept("views").catch(() => null)) === null) return entries;
  // One tab takes them, the others find them taken.
  return navigator.locks.request(TAKING, async () => {
    const kept = former(await door.kept("views"));
    const edits = Object.entries(kept).flatMap(([name, value]) => (name in entries ? [] : { name, value }));
    try {
      if (edits.length > 0) await door.editDocument("own", "views", edits);
      await door.keep("views", "");
    } catch {
      // They are shown all the same, and taken the next time.
    }
    return { ...kept, ...entries };
  });
}

function former(text: string | null): Record<string, unknown> {
  try {
    const found: unknown = text === null ? {} : JSON.parse(text);
    return typeof found === "object" && found !== null ? (found as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
