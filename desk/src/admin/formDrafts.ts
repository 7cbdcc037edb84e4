// What somebody typed into a form of the administration and has not published: sealed in this browser, as every draft, so that neither Back nor a
// link, a reload or a lock loses it. It is there again with the form.
import { useMemo } from "react";

import { useDraft } from "../conversation/draft.ts";
import { door } from "../door.ts";

/** The draft of a form, by the form's name. */
const draftOf = (form: string): string => `admin/${form}`;

/** What was typed here since this page was loaded: it may still be on its way to where it is kept. */
const here = new Map<string, string>();

/** In which of these forms something was typed that was not published. */
export async function typedIn(forms: readonly string[]): Promise<string[]> {
  const texts = await Promise.all(forms.map(async (form) => here.get(form) ?? (await door.draft(draftOf(form))) ?? ""));
  return forms.filter((_, n) => texts[n] !== "");
}

export interface TypedForm<T> {
  /** Null where nothing is typed that was not published. */
  typed: T | null;
  set(typed: T): void;
  putBack(): void;
  /** Does this with what is typed now, which is kept before, and is nobody's draft any more once it is published. */
  publishing<Done>(work: () => Promise<Done>, isPublished: (done: Done) => boolean): Promise<Done>;
}

function parsed<T>(text: string): T | null {
  try {
    return text === "" ? null : (JSON.parse(text) as T);
  } catch {
    return null;
  }
}

export function useTyped<T extends object>(form: string): TypedForm<T> {
  const [text, change, drop, keep] = useDraft(draftOf(form));
  const typed = useMemo(() => parsed<T>(text), [text]);
  const type = (text: string) => {
    here.set(form, text);
    change(text);
  };
  return {
    typed,
    set: (typed) => type(JSON.stringify(typed)),
    putBack: () => type(""),
    async publishing(work, isPublished) {
      // A browser that keeps nothing publishes all the same.
      await keep().catch(() => undefined);
      const done = await work();
      if (isPublished(done)) {
        here.delete(form);
        await drop(text);
      }
      return done;
    },
  };
}
