// Who can read this: people first; fingerprints and block for whoever asks.
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import type { Conversation, Reader } from "sealdesk/views";

import { Ask } from "../kit/Ask.tsx";
import { Button } from "../kit/controls.tsx";
import { Cast } from "../people/cast.ts";
import { Name } from "../people/names.tsx";

export default function Readers({ opened, onClose }: { opened: Conversation; onClose(): void }) {
  const { t } = useLingui();
  const [isDeep, setDeep] = useState(false);
  const { ticket, readers, messages, height } = opened;
  const customers = [ticket.customer_address, ...ticket.previous_customers];
  const cast = new Set(readers.flatMap(({ addresses }) => addresses).filter((one) => !customers.includes(one)));
  return (
    <Ask title={t`Who can read this`} isOpen onClose={onClose}>
      <Cast value={cast}>
        <ul className="readers">
          {readers.map((reader) => (
            <One key={reader.key_fingerprint} reader={reader} opened={opened} total={messages.length} isDeep={isDeep} />
          ))}
        </ul>
      </Cast>
      {isDeep && (
        <p className="quiet small">
          <Trans>
            Proven by the ledger at height <span className="numbers">{height}</span>. A lying page could show anything; the program
            checks this page with <code>sealdesk read {ticket.ticket_id}</code>.
          </Trans>
        </p>
      )}
      <div className="row end">
        <Button kind="plain" onPress={() => setDeep(!isDeep)}>
          {isDeep ? <Trans>Less</Trans> : <Trans>Keys and proof</Trans>}
        </Button>
        <Button kind="primary" onPress={onClose}>
          <Trans>Close</Trans>
        </Button>
      </div>
    </Ask>
  );
}

function One({ reader, opened, total, isDeep }: { reader: Reader; opened: Conversation; total: number; isDeep: boolean }) {
  const { t } = useLingui();
  const { customer_address: customer, previous_customers: earlier } = opened.ticket;
  const isStaff = (address: string) => address !== customer && !earlier.includes(address);
  const readable = reader.messages;
  const notes = opened.messages.filter((message) => message.internal).length;
  return (
    <li>
      <span>
        {reader.addresses.length === 0 && t`A key that an unknown account registered`}
        {reader.addresses.map((address, n) => (
          <span key={address}>
            {n > 0 && ", "}
            <Name address={address} isStaff={isStaff(address)} />
          </span>
        ))}
        {isDeep && (
          <>
            <br />
            <code className="quiet">{reader.key_fingerprint}</code>
            {reader.addresses.map((address) => (
              <span key={address}>
                <br />
                <code className="quiet">{address}</code>
              </span>
            ))}
          </>
        )}
      </span>
      <span className="quiet small">
        {readable === total ? (
          <Trans>everything</Trans>
        ) : reader.addresses.includes(customer) && readable === total - notes ? (
          <Trans>everything but the team's notes</Trans>
        ) : (
          <Trans>
            {readable} of {total}
          </Trans>
        )}
        {reader.granted && (
          <>
            , <Trans>given access later</Trans>
          </>
        )}
      </span>
    </li>
  );
}
