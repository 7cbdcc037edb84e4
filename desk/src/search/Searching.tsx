// The field over a list of tickets. While something stands in it, what was found takes the list's place.
import { useLingui } from "@lingui/react/macro";
import { Search, X } from "lucide-react";
import { type KeyboardEvent, type ReactNode, Suspense, useRef } from "react";

import { useAction } from "../keyboard/actions.ts";
import { Button } from "../kit/controls.tsx";
import { useResting } from "../keyboard/resting.ts";
import { lazy } from "../kit/lost.ts";
import { ofLater } from "../pages/parts.ts";
import { useIsOnePane } from "../queue/room.ts";
import type { Listed } from "./listed.ts";
import { focusSearch, SEARCH_FIELD, setQuery, useSearchQuery } from "./query.ts";
import "./search.css";

// Whoever never searches loads nothing of it.
const Results = lazy(() => ofLater(() => import("./Results.tsx")));

interface Props {
  listed: Listed;
  chosen: string | undefined;
  children: ReactNode;
}

export function Searching({ listed, chosen, children }: Props) {
  const { t } = useLingui();
  const query = useSearchQuery();
  // Here, and not where it is used: what a customer's results share with the staff's part alone would be loaded with that.
  const resting = useResting();
  const below = useRef<HTMLDivElement>(null);
  useAction("search", listed.isEmpty ? undefined : focusSearch);
  // Wherever somebody is, before it leads out of anything else; but not where a ticket has the place of what was found.
  const isHidden = useIsOnePane() && chosen !== undefined;
  useAction("back", query === "" || isHidden ? undefined : () => setQuery(""), { goesFirst: true });
  if (listed.isEmpty) return children;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "ArrowDown" && query.trim() !== "") below.current?.querySelector("a")?.focus();
    else if (event.key === "Escape" && query !== "") setQuery("");
    else return;
    event.preventDefault();
  };
  const clear = () => {
    setQuery("");
    focusSearch();
  };
  return (
    <div className="searching">
      <div className="search-field">
        <Search size={16} aria-hidden />
        <input
          id={SEARCH_FIELD}
          type="search"
          aria-label={t`Search tickets`}
          placeholder={t`Search tickets`}
          className="input"
          dir="auto"
          value={query}
          onChange={({ target }) => setQuery(target.value)}
          onKeyDown={onKeyDown}
          autoComplete="off"
          spellCheck={false}
        />
        {query !== "" && (
          // Escape does the same.
          <Button kind="plain" aria-label={t`Clear`} excludeFromTabOrder preventFocusOnPress onPress={clear}>
            <X size={16} aria-hidden />
          </Button>
        )}
      </div>
      <div className="below-search" ref={below}>
        {query.trim() === "" ? (
          children
        ) : (
          <Suspense>
            <Results listed={listed} query={query} chosen={chosen} resting={resting} />
          </Suspense>
        )}
      </div>
    </div>
  );
}
