// What has to be said for an act with many tickets: once, for all of them.
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { TicketPriority } from "sealdesk/views";

import { regional } from "../i18n.ts";
import { type Named, timesFrom } from "../conversation/staff/times.ts";
import { door } from "../door.ts";
import { Choices } from "../kit/Choices.tsx";
import { Field } from "../kit/controls.tsx";
import { PublicWords } from "../kit/PublicWords.tsx";
import { useNames } from "../people/names.tsx";
import { keys } from "../queries.ts";
import { useOpened } from "../session/session.tsx";
import { PRIORITIES } from "./views.ts";
import { PRIORITY } from "./words.ts";

export function Agent({ value, onChange }: { value: string | null; onChange(agent: string): void }): ReactNode {
  const { t } = useLingui();
  const { address } = useOpened();
  const names = useNames();
  const { data: agents = [] } = useQuery({ queryKey: keys.members("support_agent"), queryFn: () => door.members("support_agent") });
  const choices = [...new Set([address, ...agents])].map((id) => ({ id, label: id === address ? t`Me` : names(id, true) }));
  return (
    <>
      <Choices label={t`Support agent`} choices={choices} value={value} onChange={onChange} opens />
      <p className="quiet small">
        <Trans>They can then read the whole ticket, including earlier notes.</Trans>
      </p>
    </>
  );
}

export function Urgency({ value, onChange }: { value: TicketPriority | null; onChange(priority: TicketPriority): void }) {
  const { i18n, t } = useLingui();
  const choices = PRIORITIES.map((id) => ({ id, label: i18n._(PRIORITY[id]) }));
  return <Choices label={t`Priority`} choices={choices} value={value} onChange={onChange} opens />;
}

export function Reason({ value, onChange }: { value: string; onChange(reason: string): void }) {
  const { t } = useLingui();
  return (
    <PublicWords label={t`Why, in a few words`} value={value} onChange={onChange} />
  );
}

/** Until when they are put aside, in Unix seconds. */
export function Until({ value, onChange }: { value: number | null; onChange(until: number): void }) {
  const { i18n, t } = useLingui();
  const [times] = useState(() => timesFrom(new Date()));
  const names: Record<Named, string> = { later: t`Later today`, tomorrow: t`Tomorrow morning`, week: t`Next week` };
  const when = (at: Date) => new Intl.DateTimeFormat(regional(i18n.locale), { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }).format(at);
  const choices = times.map(({ id, at }) => ({ id: String(Math.floor(at.getTime() / 1000)), label: `${names[id]}: ${when(at)}` }));
  return (
    <>
      <Choices label={t`Until when`} choices={choices} value={value === null ? null : String(value)} onChange={(until) => onChange(Number(until))} />
      <p className="quiet small">
        <Trans>The time is public. The ticket comes back then, or as soon as someone replies.</Trans>
      </p>
    </>
  );
}

export function Tags({ value, onChange }: { value: string; onChange(tags: string): void }) {
  const { t } = useLingui();
  return (
    <Field
      label={t`Tags, separated by commas`}
      hint={t`These are added to the ticket’s tags, sealed in a note for the team.`}
      value={value}
      onChange={onChange}
      maxLength={256}
    />
  );
}
