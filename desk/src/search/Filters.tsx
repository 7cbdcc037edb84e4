// Above what was found: which filters there are, or what the one that is being written may ask for. Each is a button that writes it.
import { Trans, useLingui } from "@lingui/react/macro";
import { useMemo } from "react";
import type { Ticket } from "sealdesk/views";

import { fold } from "../../worker/scan.ts";
import { Button } from "../kit/controls.tsx";
import { choices, type FilterName, FILTERS, type Part, quoted, type Spoken, withEnding } from "./filters.ts";
import { focusSearch, setQuery } from "./query.ts";

interface Props {
  query: string;
  last: Part | null;
  wrong: readonly Part[];
  spoken: Spoken;
  tickets: ReadonlyMap<string, Ticket>;
  isCustomer: boolean;
}

/** As many values as stand in two lines or three. */
const SHOWN_MAX = 12;
/** What a customer's tickets differ in. */
export const OF_CUSTOMERS: readonly FilterName[] = ["status", "category", "has", "before", "after"];

export function Filters({ query, last, wrong, spoken, tickets, isCustomer }: Props) {
  const { t } = useLingui();
  const write = (instead: Part | null, ending: string) => {
    setQuery(withEnding(query, instead, ending));
    focusSearch(false);
  };
  const values = useMemo(() => (last ? choices(last.name, spoken, tickets.values()) : []), [last?.name, spoken, tickets]);
  const fitting = last ? values.filter((value) => fold(value).includes(fold(last.value))) : [];
  const isWhole = last !== null && fitting.some((value) => fold(value) === fold(last.value));
  const minus = last?.isNot ? "-" : "";
  const isDay = last?.name === "before" || last?.name === "after";
  return (
    <div className="search-filters small quiet">
      {wrong.filter((part) => part !== last || fitting.length === 0).map((part) => <Wrong key={part.written} part={part} />)}
      {last && !isWhole && isDay && last.value === "" && (
        <p>
          <Trans>A year, a month or a day of the last change: 2026, 2026-11 or 2026-11-30</Trans>
        </p>
      )}
      {(last === null || isWhole || fitting.length > 0) && (
        <div role="group" aria-label={t`Narrow the search`} className="search-choices">
          {last === null || isWhole
            ? FILTERS.filter((name) => !isCustomer || OF_CUSTOMERS.includes(name)).map((name) => {
                const called = `${spoken.filter[name]}:`;
                return <Choice key={name} text={called} onPress={() => write(null, called)} />;
              })
            : fitting.slice(0, SHOWN_MAX).map((value) => (
                <Choice key={value} text={value} onPress={() => write(last, `${minus}${spoken.filter[last.name]}:${quoted(value)} `)} />
              ))}
        </div>
      )}
    </div>
  );
}

function Choice({ text, onPress }: { text: string; onPress: () => void }) {
  return (
    <Button kind="plain" preventFocusOnPress onPress={onPress}>
      <bdi>{text}</bdi>
    </Button>
  );
}

function Wrong({ part: { name, written } }: { part: Part }) {
  return (
    <p className="wrong" role="status">
      {name === "before" || name === "after" ? (
        <Trans>
          “{written}” is ignored: write a date as 2026, 2026-11 or 2026-11-30.
        </Trans>
      ) : (
        <Trans>“{written}” is ignored: nothing here has that name.</Trans>
      )}
    </p>
  );
}
