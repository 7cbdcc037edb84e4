// The field over a list of tickets. While something stands in it, what was found takes the list's place.
import { useLingui } from "@lingui/react/macro";
import { Search, X } from "lucide-react";
import { lazy, type KeyboardEvent, type ReactNode, Suspense, useRef } from "react";
import { Button, Input, SearchField } from "react-aria-components";

import { useAction } from "../keyboard/actions.ts";
import type { Listed } from "./listed.ts";
import { focusSearch, SEARCH_FIELD, setQuery, useSearchQuery } from "./query.ts";
import "./search.css";

// Whoever never searches loads nothing of it.
const Results = lazy(() => import("./Results.tsx"));

interface Props {
  listed: Listed;
  chosen: string | undefined;
  children: ReactNode;
}

export function Searching({ listed, chosen, children }: Props) {
  const { t } = useLingui();
  const query = useSearchQuery();
  const below = useRef<HTMLDivElement>(null);
  useAction("search", listed.isEmpty ? undefined : focusSearch);
  if (listed.isEmpty) return children;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "ArrowDown" || query.trim() === "") return;
    event.preventDefault();
    below.current?.querySelector("a")?.focus();
  };
  return (
    <div className="searching">
      <SearchField
        id={SEARCH_FIELD}
        aria-label={t`Search in tickets`}
        className="search-field"
        value={query}
        onChange={setQuery}
        onKeyDown={onKeyDown}
        autoComplete="off"
        spellCheck="false"
      >
        <Search size={16} aria-hidden />
        <Input dir="auto" placeholder={t`Search in tickets`} />
        <Button className="button plain" aria-label={t`Clear`}>
          <X size={16} aria-hidden />
        </Button>
      </SearchField>
      <div className="below-search" ref={below}>
        {query.trim() === "" ? (
          children
        ) : (
          <Suspense>
            <Results listed={listed} query={query} chosen={chosen} />
          </Suspense>
        )}
      </div>
    </div>
  );
}
