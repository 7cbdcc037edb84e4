// What a receipt proves, and what it does not, as sentences.
import type { MessageDescriptor } from "@lingui/core";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import type { ReceiptProof } from "sealdesk/views";

import { regional } from "../../i18n.ts";
import { Button } from "../../kit/controls.tsx";
import { useNames } from "../../people/names.tsx";
import { useOpened } from "../../session/session.tsx";
import { category, PRIORITY, STATUS } from "../../queue/words.ts";

export function Proof({ proof }: { proof: ReceiptProof }) {
  const { i18n, t } = useLingui();
  const names = useNames();
  const { address } = useOpened();
  const { ticket } = proof;
  const say = (message: MessageDescriptor) => i18n._(message);
  const when = (at: string | null) => (at === null ? "" : new Intl.DateTimeFormat(regional(i18n.locale), { dateStyle: "long", timeStyle: "medium" }).format(new Date(at)));
  const time = when(proof.time);
  return (
    <section className="proof printed" aria-label={t`What it proves`}>
      <p className="notice good" role="status">
        <strong>
          <Trans>This receipt is genuine.</Trans>
        </strong>
        <span>
          <Trans>It comes from this desk, complete and unaltered. It shows how the ticket stood on {time}.</Trans>
        </span>
      </p>
      <dl>
        <Row name={<Trans>Ticket</Trans>}>
          <span className="numbers">{ticket.ticket_id}</span>
        </Row>
        <Row name={<Trans>Written</Trans>}>{when(ticket.created_at)}</Row>
        <Row name={<Trans>Customer</Trans>}>
          <bdi>{names(ticket.customer_address)}</bdi>
        </Row>
        <Row name={<Trans>Status</Trans>}>
          {say(STATUS[ticket.status])}, {say(PRIORITY[ticket.priority])}, {category(ticket.category, say)}
        </Row>
        {ticket.assigned_to !== "" && (
          <Row name={<Trans>With</Trans>}>
            <bdi>{ticket.assigned_to === address ? t({ message: "you", context: "with" }) : names(ticket.assigned_to, true)}</bdi>
          </Row>
        )}
        <Row name={<Trans>Replies and notes</Trans>}>
          <Plural value={proof.messages.length} _0="none" one="exactly one" other="exactly #, none left out" />
        </Row>
      </dl>
      {proof.messages.length > 0 && (
        <ul>
          {proof.messages.map((message, index) => (
            // Their places never change.
            <li key={index}>
              <bdi>{names(message.author, message.author !== ticket.customer_address)}</bdi>, {when(message.created_at)}
              {message.internal && (
                <>
                  {" "}
                  <Trans>(a note for the team)</Trans>
                </>
              )}
            </li>
          ))}
        </ul>
      )}
      <p className="quiet small">
        <Trans>
          It does not prove what was written, which is sealed, nor what happened after {time}. Block {proof.height} of{" "}
          <code>{proof.chain_id}</code>.
        </Trans>
      </p>
      <div className="row">
        <Button onPress={() => print()}>
          <Trans>Print</Trans>
        </Button>
      </div>
    </section>
  );
}

function Row({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
