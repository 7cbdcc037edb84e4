// The links of the tickets that this browser wrote for callers: whoever has one can read that ticket, and ask for it to be theirs.
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

import type { Caller } from "../../../worker/caller.ts";
import { door } from "../../door.ts";
import { CopyButton } from "../../kit/CopyButton.tsx";
import { Button } from "../../kit/controls.tsx";
import { usePublicOrigin } from "../../kit/publicOrigin.ts";
import { When } from "../../kit/When.tsx";
import { client, keys } from "../../queries.ts";
import { useOpened } from "../../session/session.tsx";
import { NoPublicLink } from "./NoPublicLink.tsx";

export function ClaimLinks() {
  const { t } = useLingui();
  const { desk } = useOpened();
  const origin = usePublicOrigin();
  const { data: callers = [] } = useQuery({ queryKey: keys.callers, queryFn: () => door.callers() });
  const place = useRef<HTMLElement>(null);
  const [newest] = callers;
  const shown = useRef<string | null>(null);
  useEffect(() => {
    // One that was written just now is what the form above was for.
    if (shown.current !== null && newest && shown.current !== newest.words) place.current?.scrollIntoView({ block: "center" });
    shown.current = newest?.words ?? "";
  }, [newest]);
  if (callers.length === 0) return null;
  const linkOf = ({ words }: Pick<Caller, "words">) => `${origin}/#desk=${desk.identity}&claim=${words.replaceAll(" ", "-")}`;
  const forget = async ({ words }: Pick<Caller, "words">) => {
    await door.forgetCaller(words);
    await client.invalidateQueries({ queryKey: keys.callers });
  };
  return (
    <section ref={place} className="stack" aria-labelledby="claims">
      <h2 id="claims">
        <Trans>Links for callers</Trans>
      </h2>
      <p className="quiet small">
        <Trans>
          The person who opens a link can read the ticket, start in their own browser, and claim it with one press; an administrator then transfers it to them. Send each link only to its caller: anyone who has it can read that ticket. It is kept only in this browser, until you forget it.
        </Trans>
      </p>
      {origin === null && <NoPublicLink />}
      <ul className="stack">
        {callers.map(({ ticket, ...one }) => (
          <li key={one.words} className="notice row">
            <span className="grow">
              <strong>{ticket}</strong> <bdi>{one.name}</bdi> <When at={new Date(one.at * 1000).toISOString()} />
            </span>
            {origin && (
              <CopyButton aria-label={t`Copy the link of ${ticket}`} text={linkOf(one)}>
                <Trans>Copy the link</Trans>
              </CopyButton>
            )}
            <Button kind="plain" aria-label={t`Forget the link of ${ticket}`} onPress={() => void forget(one)}>
              <Trans>Forget</Trans>
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
