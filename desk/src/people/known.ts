// What is known of people's names: asked of the worker, and again when a ticket that was opened says another one.
import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import type { KnownName } from "sealdesk/views";

import { door } from "../door.ts";
import { onHeard } from "../live.ts";
import { client, keys } from "../queries.ts";
import { saidIn } from "./said.ts";

/** Names of a burst of opened tickets are looked at together. */
const GATHER_MS = 100;

/** What customers said of themselves since the page was loaded, by address. */
const heard = new Map<string, string>();
let timer: ReturnType<typeof setTimeout> | undefined;

client.getQueryCache().subscribe((event) => {
  if (event.type !== "updated" || event.action.type !== "success") return;
  const said = saidIn(event.query.state.data);
  if (said === null || heard.get(said.address) === said.name) return;
  heard.set(said.address, said.name);
  timer ??= setTimeout(() => {
    timer = undefined;
    void client.invalidateQueries({ queryKey: keys.names });
  }, GATHER_MS);
});

// Whom a colleague named just now is called so in every page that is open.
onHeard(({ book, missed }) => {
  if (book || missed) void door.forgetBook().then(() => client.invalidateQueries({ queryKey: keys.names }));
});

const NOBODY: ReadonlyMap<string, KnownName> = new Map();

/** Everybody of whom a name is known, by address. */
export function useKnown(): ReadonlyMap<string, KnownName> {
  const { i18n, t } = useLingui();
  const { data } = useQuery({
    queryKey: [...keys.names, i18n.locale],
    queryFn: async () => {
      const page = [t`You`, t`Support`, t`Customer`, t`Administrator`, t`nobody`];
      const said = [...heard].map(([address, name]) => ({ address, name }));
      const names = await door.names(page, said);
      return new Map(names.map((known) => [known.address, known]));
    },
    staleTime: 10 * 60_000,
  });
  return data ?? NOBODY;
}
