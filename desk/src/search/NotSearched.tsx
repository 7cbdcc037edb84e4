// What a search has not looked into, said below what it found.
import { Plural, Trans, useLingui } from "@lingui/react/macro";

import type { Coverage } from "../../worker/search.ts";
import type { Progress } from "./search.ts";

/** How far the first reading of all tickets is. */
export function Reading({ coverage, progress }: { coverage: Coverage | undefined; progress: Progress | null }) {
  const { t } = useLingui();
  if (!coverage?.isFilling || !progress || progress.done >= progress.of) return null;
  return (
    <div className="search-reading quiet small">
      <Trans>
        Reading tickets, once: {progress.done} of {progress.of}. You can keep working meanwhile.
      </Trans>
      <progress value={progress.done} max={progress.of} aria-label={t`Reading tickets`} />
    </div>
  );
}

/** `more` says whether there are tickets that are not listed. */
export function NotSearched({ coverage, more }: { coverage: Coverage | undefined; more: boolean }) {
  if (!coverage) return null;
  const { unread, closed, isFull } = coverage;
  return (
    <div className="not-searched quiet small">
      {isFull && (
        <p>
          <Trans>This browser can keep no more tickets to search: older ones are not searched.</Trans>
        </p>
      )}
      <p>
        <Trans>Not searched:</Trans>{" "}
        {unread > 0 && (
          <>
            <Plural value={unread} one="# ticket that was not read here yet" other="# tickets that were not read here yet" />,{" "}
          </>
        )}
        {more && (
          <>
            <Trans>older tickets that the desk does not list</Trans>,{" "}
          </>
        )}
        {closed > 0 && (
          <>
            <Plural
              value={closed}
              one="# message that is sealed for others, erased or damaged"
              other="# messages that are sealed for others, erased or damaged"
            />
            ,{" "}
          </>
        )}
        <Trans>the contents of files.</Trans>
      </p>
    </div>
  );
}
