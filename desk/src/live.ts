// What happens on the ledger, as it is told. It names tickets and never says what stands in them; whatever it names is asked for again.
import { useEffect, useState } from "react";

import { client, keys } from "./queries.ts";
import { follow } from "./stream.ts";

/** Events of a burst are answered by one question. */
const GATHER_MS = 150;

/** Follows while somebody is unlocked. Says whether the stream is there. */
export function useLive(): boolean {
  const [isLive, setLive] = useState(true);
  useEffect(() => {
    const touched = new Set<string>();
    let isAll = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = () => {
      timer = undefined;
      // What lists show of a ticket goes by when it changed, and is never asked for again.
      if (isAll) void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== keys.summary("", "")[0] });
      for (const ticket of touched) void client.invalidateQueries({ queryKey: keys.ticket(ticket) });
      void client.invalidateQueries({ queryKey: keys.inbox });
      touched.clear();
      isAll = false;
    };
    const stop = follow({
      heard(ticket) {
        if (ticket !== undefined) touched.add(ticket);
        timer ??= setTimeout(ask, GATHER_MS);
      },
      opened() {
        isAll = true;
        timer ??= setTimeout(ask, GATHER_MS);
      },
      state: setLive,
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, []);
  return isLive;
}
