// Until when a ticket is put aside. The time is public, and the ledger brings it back.
import { Trans, useLingui } from "@lingui/react/macro";
import { useId, useState } from "react";

import { regional } from "../../i18n.ts";
import { door } from "../../door.ts";
import { Ask } from "../../kit/Ask.tsx";
import { Field } from "../../kit/controls.tsx";
import { AwayLine, DeskButton } from "../../offline/NeedsDesk.tsx";
import { useDo } from "./doing.ts";
import type { AskProps } from "./Dialogs.tsx";
import { morningOf, type Named, timesFrom } from "./times.ts";

export function SnoozeAsk({ opened: { ticket }, onClose }: AskProps) {
  const { i18n, t } = useLingui();
  const act = useDo();
  const [now] = useState(() => new Date());
  const [seen] = useState(ticket.response_count);
  const [day, setDay] = useState("");
  const id = ticket.ticket_id;
  const names: Record<Named, string> = { later: t`Later today`, tomorrow: t`Tomorrow morning`, week: t`Next week` };
  const when = (at: Date) => new Intl.DateTimeFormat(regional(i18n.locale), { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }).format(at);
  const until = (seconds: number) => {
    const time = when(new Date(seconds * 1000));
    const isBegun = act({
      ticket: id,
      kind: "snooze",
      label: t`Putting ${id} aside until ${time}`,
      done: t`Put aside until ${time}.`,
      seen,
      work: () => door.act(id, [{ act: "snooze", until: seconds }]),
    });
    if (isBegun) onClose();
  };
  const reason = useId();
  const chosen = morningOf(day, now);
  return (
    <Ask title={t`Put aside until when?`} isOpen onClose={onClose}>
      <AwayLine id={reason} ofActs />
      <div className="stack tight">
        {timesFrom(now).map(({ id, at }, place) => (
          <DeskButton key={id} reason={reason} wide autoFocus={place === 0} onPress={() => until(Math.floor(at.getTime() / 1000))}>
            <span className="grow">{names[id]}</span>
            <span className="quiet numbers">{when(at)}</span>
          </DeskButton>
        ))}
      </div>
      <form className="row end-aligned" onSubmit={(event) => (event.preventDefault(), chosen !== null && until(chosen))}>
        <Field
          label={t`The morning of another day`}
          type="date"
          min={dayOf(new Date(now.getTime() + 86_400_000))}
          value={day}
          onChange={setDay}
          grows
        />
        <DeskButton type="submit" reason={reason} isDisabled={chosen === null}>
          <Trans context="act">Put aside</Trans>
        </DeskButton>
      </form>
      <p className="quiet small">
        <Trans>The time is public. The ticket comes back then, or as soon as someone replies.</Trans>
      </p>
    </Ask>
  );
}

function dayOf(date: Date): string {
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;
}
