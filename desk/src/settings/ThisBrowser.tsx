// How long this browser stays unlocked, and how to leave it.
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { Ask, AskEnd } from "../kit/Ask.tsx";
import { Button } from "../kit/controls.tsx";
import { client } from "../queries.ts";
import { useSession } from "../session/session.tsx";

const ROOM = ["persisted"] as const;

export function ThisBrowser() {
  const { t } = useLingui();
  const { lock, signOut } = useSession();
  const [isSure, setSure] = useState(false);
  return (
    <ul className="rows">
      <li>
        <span className="what">
          <Trans>Unlocked in every tab that you unlocked</Trans>
          <span className="quiet small">
            <Trans>All of them lock when none is used for ten minutes.</Trans>
          </span>
        </span>
        <Button onPress={() => void lock()}>
          <Trans>Lock all tabs now</Trans>
        </Button>
      </li>
      <li>
        <span className="what">
          <Trans>Your keys and drafts are kept here, locked</Trans>
          <span className="quiet small">
            <Trans>Sign out on a device that is not yours. Without your recovery phrase you cannot open your tickets again.</Trans>
          </span>
        </span>
        <Button onPress={() => setSure(true)}>
          <Trans>Sign out</Trans>
        </Button>
      </li>
      <Room />
      <Ask title={t`Sign out and remove everything here?`} isOpen={isSure} onClose={() => setSure(false)}>
        <p>
          <Trans>Everything that this browser keeps is removed. Without your recovery phrase you cannot open your tickets again.</Trans>
        </p>
        <AskEnd isHere isGrave onClose={() => setSure(false)} onDo={() => void signOut()} isBusy={false}>
          <Trans>Sign out and remove</Trans>
        </AskEnd>
      </Ask>
    </ul>
  );
}

/** Whether the browser may remove what is kept when it needs room; a page can ask it not to. */
function Room() {
  const { data: isKept } = useQuery({ queryKey: ROOM, queryFn: async () => (await navigator.storage?.persisted?.()) ?? null });
  if (isKept !== false) return null;
  const ask = async () => {
    await navigator.storage.persist();
    await client.invalidateQueries({ queryKey: ROOM });
  };
  return (
    <li>
      <span className="what">
        <Trans>The browser may remove it when it needs room</Trans>
        <span className="quiet small">
          <Trans>Safari also does that after seven days without a visit. The recovery phrase brings everything back.</Trans>
        </span>
      </span>
      <Button onPress={() => void ask()}>
        <Trans>Ask the browser to keep it</Trans>
      </Button>
    </li>
  );
}
