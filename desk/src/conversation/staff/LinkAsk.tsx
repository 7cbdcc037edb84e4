// How a ticket stands to another one. Public, in the records of both; merging closes this one in the same transaction.
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import type { Act, TicketLink } from "sealdesk/views";

import { door } from "../../door.ts";
import { Ask, AskEnd } from "../../kit/Ask.tsx";
import { Choices } from "../../kit/Choices.tsx";
import { Button, Field } from "../../kit/controls.tsx";
import { useQueue } from "../../queue/store.ts";
import { useDo } from "./doing.ts";
import type { AskProps } from "./Dialogs.tsx";
import { backOf, ticketIn } from "./ids.ts";

type Kind = "related" | "duplicate_of" | "follows_up";

export function LinkAsk({ opened: { ticket }, merges, onClose }: AskProps & { merges: boolean }) {
  const { t } = useLingui();
  const { lines } = useQueue();
  const act = useDo();
  const id = ticket.ticket_id;
  const [kind, setKind] = useState<Kind>("related");
  const [typed, setTyped] = useState("");
  const [isTried, setTried] = useState(false);
  const other = ticketIn(typed);
  const isUsable = other !== null && other !== id;
  const all = [...lines.values()].map((line) => line.ticket);
  const beside = all.filter((one) => one.customer_address === ticket.customer_address && one.ticket_id !== id);
  const kinds = [
    { id: "related" as const, label: t`belongs with it` },
    { id: "duplicate_of" as const, label: t`says the same as it` },
    { id: "follows_up" as const, label: t`goes on from it` },
  ];
  const go = () => {
    setTried(true);
    if (!isUsable) return;
    const link: Act = { act: "link", ticket: id, kind: merges ? "duplicate_of" : kind, other };
    const acts: Act[] = merges ? [link, { act: "close", reason: `merged into ${other}` }] : [link];
    const said = merges
      ? { label: t`Merging ${id} into ${other}`, done: t`Merged into ${other}.` }
      : { label: t`Linking ${id} with ${other}`, done: t`Linked with ${other}.` };
    if (act({ ticket: id, ...said, work: () => door.act(id, acts) })) onClose();
  };
  const unlink = (link: TicketLink) => {
    const name = link.ticket_id;
    if (act({ ticket: id, label: t`Taking back the link with ${name}`, done: t`The link is taken back.`, work: () => door.act(id, [backOf(id, link)]) })) onClose();
  };
  return (
    <Ask title={merges ? t`Merge into another ticket` : t`Link with another ticket`} isOpen onClose={onClose}>
      {!merges && <Choices<Kind> label={t`This ticket`} choices={kinds} value={kind} onChange={setKind} />}
      {beside.length > 0 && (
        <Choices
          label={t`Other tickets of this customer`}
          choices={beside.slice(0, 50).map((one) => ({ id: one.ticket_id, label: one.ticket_id }))}
          value={other !== null && beside.some((one) => one.ticket_id === other) ? other : null}
          onChange={setTyped}
        />
      )}
      <Field
        label={t`Number of the other ticket`}
        value={typed}
        onChange={setTyped}
        placeholder="TKT-00000007"
        problem={isTried && !isUsable ? (other === id ? t`That is this ticket itself.` : t`A ticket's number looks like TKT-00000007, or just 7.`) : undefined}
      />
      <p className="quiet small">
        {merges ? (
          <Trans>This one closes, and both name each other. Texts stay where they are: the customer of both sees the link. It is public.</Trans>
        ) : (
          <Trans>The link is public, and both tickets show it.</Trans>
        )}
      </p>
      {!merges && ticket.links.length > 0 && (
        <ul className="stack tight" aria-label={t`Links of this ticket`}>
          {ticket.links.map((link) => (
            <li key={link.ticket_id} className="row">
              <span className="grow">{link.ticket_id}</span>
              <Button onPress={() => unlink(link)}>
                <Trans>Take the link back</Trans>
              </Button>
            </li>
          ))}
        </ul>
      )}
      <AskEnd onClose={onClose} isBusy={false} onDo={go}>
        {merges ? <Trans>Merge</Trans> : <Trans>Link</Trans>}
      </AskEnd>
    </Ask>
  );
}
