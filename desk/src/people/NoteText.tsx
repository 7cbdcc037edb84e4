// A line of whom something was sealed for, in the words of whoever reads it and with the name that they know.
import { Trans } from "@lingui/react/macro";
import type { NewReader, Note } from "sealdesk/views";
import type { ReactNode } from "react";

import { Name } from "./names.tsx";

export function NoteText({ note: { text, reader } }: { note: Note }): ReactNode {
  return reader === null ? text : <Reader reader={reader} />;
}

/** Who reads with the writer from now on, and why. */
function Reader({ reader: { address, why, ticket, change, voters } }: { reader: NewReader }) {
  const isStaff = !["customer", "imported", "provider"].includes(why);
  const who = <Name address={address} isStaff={isStaff} />;
  const of = ticket ?? <Trans>a new ticket</Trans>;
  switch (why) {
    case "administrator-from-before":
      return <Trans>New reader: {who}, one of the administrators.</Trans>;
    case "administrator":
      return (
        <Trans>
          New reader: {who}, an administrator since change {change}, voted by <Voters voters={voters} />.
        </Trans>
      );
    case "assignee":
      return <Trans>New reader: {who}, to whom {of} is assigned, by a key that an administrator granted.</Trans>;
    case "collaborator":
      return <Trans>New reader: {who}, who helps with {of}, by a key that an administrator granted.</Trans>;
    case "open-queue":
      return <Trans>New reader: {who}, an agent whom an administrator appointed, in the open queue.</Trans>;
    case "appointed":
      return <Trans>New reader: {who}, an agent whom an administrator appointed.</Trans>;
    case "customer":
      return <Trans>New reader: {who}, the customer of {of}.</Trans>;
    case "provider":
      return <Trans>New reader: {who}, the provider of {of}.</Trans>;
    case "imported":
      return <Trans>New reader: {who}, the customer of a ticket that you import.</Trans>;
    case "given":
      return <Trans>New reader: {who}, who is given {of}.</Trans>;
    case "let-in":
      return <Trans>New reader: {who}, who is given access to {of}.</Trans>;
  }
}

function Voters({ voters }: { voters: string[] }) {
  return voters.map((voter, place) => (
    <span key={voter}>
      {place > 0 && ", "}
      <Name address={voter} isStaff />
    </span>
  ));
}
