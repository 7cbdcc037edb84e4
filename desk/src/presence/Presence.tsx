// Who else of the staff is at the ticket that is open: one quiet line above the composer.
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { Present } from "sealdesk/views";

import { door } from "../door.ts";
import { isLive } from "../live.ts";
import { Name, useNames } from "../people/names.tsx";
import { client, keys } from "../queries.ts";
import { isTouched } from "../session/idle.ts";
import { useOpened } from "../session/session.tsx";
import "./presence.css";
import { useShows } from "./setting.ts";
import { news, stay } from "./stay.ts";
import { onTyped } from "./typing.ts";

/** After so long without a touch nobody sits here. */
const IDLE_MS = 2 * 60_000;
/** Most people who are named. */
const NAMED_MAX = 3;

const isAway = () => !navigator.onLine || !isLive() || !isTouched(Date.now() - IDLE_MS);

function watchVisible(changed: () => void): () => void {
  document.addEventListener("visibilitychange", changed);
  return () => document.removeEventListener("visibilitychange", changed);
}

const useVisible = () => useSyncExternalStore(watchVisible, () => document.visibilityState === "visible");

const byUrgency = (one: Present, other: Present) => Number(other.doing === "writing") - Number(one.doing === "writing");

export function Presence({ ticket }: { ticket: string }) {
  // A wallet would ask for each of the many signatures that this takes.
  const { hasWallet } = useOpened();
  const shows = useShows() && !hasWallet;
  const isVisible = useVisible();
  const { data: isOffered = false } = useQuery({ queryKey: keys.presence, queryFn: () => door.offersPresence(), enabled: shows, staleTime: Number.POSITIVE_INFINITY });
  const [others, setOthers] = useState<Present[]>([]);
  const [told, setTold] = useState<Present[]>([]);
  const heard = useRef(new Map<string, number>());
  const isHere = shows && isVisible && isOffered;
  useEffect(() => {
    if (!isHere) return;
    const show = (others: Present[]) => {
      setOthers(others);
      const fresh = news(heard.current, others, Date.now());
      if (fresh.length > 0 || others.length === 0) setTold(fresh);
    };
    const say: Parameters<typeof stay>[0]["say"] = async (doing) => {
      const others = await door.bePresent(ticket, doing);
      // It would take no more of it at another ticket either.
      if (others === null) client.setQueryData(keys.presence, false);
      return others;
    };
    const staying = stay({ say, show, isAway });
    const deaf = onTyped(staying.typed);
    return () => {
      deaf();
      staying.end();
      show([]);
    };
  }, [ticket, isHere]);
  if (!isHere) return null;
  const sorted = others.toSorted(byUrgency);
  const more = sorted.length - NAMED_MAX;
  return (
    <>
      {/* It is there before anything is said in it, so that it is heard, and says nothing twice. */}
      <div className="hidden-text" role="status">
        {told.map((present) => (
          <Spoken key={present.address} present={present} />
        ))}
      </div>
      {sorted.length > 0 && (
        <p className="presence quiet small">
          {sorted.slice(0, NAMED_MAX).map((present) => (
            <Line key={present.address} present={present} />
          ))}
          {more > 0 && (
            <span>
              <Plural value={more} one="One more colleague is here." other="# more colleagues are here." />
            </span>
          )}
        </p>
      )}
    </>
  );
}

function Line({ present: { address, doing } }: { present: Present }) {
  return (
    <span>
      {doing === "writing" ? (
        <Trans>
          <Name address={address} isStaff /> is writing a reply.
        </Trans>
      ) : (
        <Trans>
          <Name address={address} isStaff /> is looking at this ticket.
        </Trans>
      )}
    </span>
  );
}

function Spoken({ present: { address, doing } }: { present: Present }) {
  const { t } = useLingui();
  const name = useNames()(address, true);
  return <p>{doing === "writing" ? t`${name} is writing a reply.` : t`${name} is looking at this ticket.`}</p>;
}
