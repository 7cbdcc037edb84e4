// How a ticket stands to another one. Public, in the records of both; merging closes this one in the same transaction.
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import type { Act, Ticket, TicketLink } from "sealdesk/views";

import { door } from "../../door.ts";
import { Ask, AskEnd } from "../../kit/Ask.tsx";
import { Choices } from "../../kit/Choices.tsx";
import { Button, Field } from "../../kit/controls.tsx";
import { oneLine } from "../../kit/letters.ts";
import type { Line } from "../../queue/lines.ts";
import { useQueue } from "../../queue/store.ts";
import { knownSubjects, useSubjects } from "../../queue/subjects.ts";
import { STATUS } from "../../queue/words.ts";
import { useDo } from "./doing.ts";
import type { AskProps } from "./Dialogs.tsx";
import { backOf, ticketIn } from "./ids.ts";
import { meant, offered, type Other } from "./others.ts";

/** Of one customer, so many are opened to say what they are about: those that changed last. */
const OPENED_MAX = 50;

type Kind = "related" | "duplicate_of" | "follows_up";

/** What the other one may be, by what was typed: the customer's tickets, and whatever this page has opened. */
function useOthers(lines: ReadonlyMap<string, Line>, { ticket_id: id, customer_address: customer, links }: Ticket) {
  const changed = ({ ticket }: Line) => ticket.updated_at ?? "";
  const beside = [...lines.values()].filter((line) => line.ticket.customer_address === customer && line.id !== id).sort((one, other) => (changed(one) < changed(other) ? 1 : -1)).slice(0, OPENED_MAX);
  const linked = links.flatMap((link) => lines.get(link.ticket_id) ?? []).filter((line) => !beside.includes(line));
  const subjects = useSubjects([...beside, ...linked]);
  const offers = (typed: string): Other[] => {
    const known = new Map([...knownSubjects(), ...subjects]);
    const named = ticketIn(typed);
    const ids = new Set([...beside.map((line) => line.id), ...known.keys(), ...(named === null ? [] : [named])]);
    ids.delete(id);
    const of = (one: string): Other => ({ id: one, subject: known.get(one) ?? null, isBeside: lines.get(one)?.ticket.customer_address === customer });
    return offered(typed, [...ids].filter((one) => lines.has(one)).map(of));
  };
  return { offers, subjects };
}

export function LinkAsk({ opened: { ticket }, merges, onClose }: AskProps & { merges: boolean }) {
  const { i18n, t } = useLingui();
  const { lines } = useQueue();
  const act = useDo();
  const id = ticket.ticket_id;
  const [kind, setKind] = useState<Kind>("related");
  const [typed, setTyped] = useState("");
  const [seen] = useState(ticket.response_count);
  const [isTried, setTried] = useState(false);
  const { offers: offersFor, subjects } = useOthers(lines, ticket);
  const offers = offersFor(typed);
  const other = meant(typed, offers, !merges);
  const isUsable = other !== null && other !== id;
  const problem = () => {
    if (other === id) return t`That is this ticket.`;
    if (typed.trim() !== "" && merges && offers.length > 0) return t`Choose the other ticket: this one is merged into it and closed.`;
    if (typed.trim() !== "" && offers.length > 1) return t`Several tickets have these words: choose one of them.`;
    return t`A ticket's number looks like TKT-00000007, or just 7.`;
  };
  const stateOf = (of: string) => {
    const line = lines.get(of);
    return line ? i18n._(STATUS[line.ticket.status]) : "";
  };
  const kinds = [
    { id: "related" as const, label: t`is related to it` },
    { id: "duplicate_of" as const, label: t`is a duplicate of it` },
    { id: "follows_up" as const, label: t`continues it` },
  ];
  const go = () => {
    setTried(true);
    if (!isUsable) return;
    const link: Act = { act: "link", ticket: id, kind: merges ? "duplicate_of" : kind, other };
    const acts: Act[] = merges ? [link, { act: "close", reason: `merged into ${other}` }] : [link];
    const said = merges
      ? { label: t`Merging ${id} into ${other}`, done: t`Merged into ${other}.` }
      : { label: t`Linking ${id} to ${other}`, done: t`Linked to ${other}.` };
    if (act({ ticket: id, kind: merges ? "merge" : `link ${other}`, ...said, seen: merges ? seen : undefined, work: () => door.act(id, acts) })) onClose();
  };
  const unlink = (link: TicketLink) => {
    const name = link.ticket_id;
    if (act({ ticket: id, kind: `link ${name}`, label: t`Removing the link to ${name}`, done: t`The link was removed.`, work: () => door.act(id, [backOf(id, link)]) })) onClose();
  };
  return (
    <Ask title={merges ? t`Merge into another ticket` : t`Link to another ticket`} isOpen onClose={onClose}>
      {!merges && <Choices<Kind> label={t`This ticket`} choices={kinds} value={kind} onChange={setKind} />}
      <Field
        label={t`Number or subject of the other ticket`}
        value={typed}
        onChange={setTyped}
        placeholder="TKT-00000007"
        autoFocus
        problem={isTried && !isUsable ? problem() : undefined}
      />
      {offers.length > 0 && (
        <ul className="offers" aria-label={typed.trim() === "" ? t`Other tickets of this customer` : t`Matching tickets`}>
          {offers.map((one) => (
            <li key={one.id}>
              <Button kind="plain" wide aria-pressed={one.id === other} onPress={() => setTyped(one.id)}>
                <span className="numbers">{one.id}</span>{" "}
                <span className="grow" dir="auto">
                  {oneLine(one.subject)}
                </span>{" "}
                <span className="quiet small">{stateOf(one.id)}</span>
              </Button>
            </li>
          ))}
        </ul>
      )}
      <p className="quiet small">
        {merges ? (
          <Trans>This ticket closes, and the two are linked. Texts stay where they are. The link is public, and the customer of both sees it.</Trans>
        ) : (
          <Trans>The link is public, and both tickets show it.</Trans>
        )}
      </p>
      {!merges && ticket.links.length > 0 && (
        <ul className="stack tight" aria-label={t`Links of this ticket`}>
          {ticket.links.map((link) => (
            <li key={link.ticket_id} className="row">
              <span className="grow">
                <span className="numbers">{link.ticket_id}</span> <bdi>{oneLine(subjects.get(link.ticket_id))}</bdi>
              </span>
              <Button onPress={() => unlink(link)}>
                <Trans>Remove the link</Trans>
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
