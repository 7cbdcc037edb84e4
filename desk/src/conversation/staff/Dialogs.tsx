// What is asked before an act of staff is done.
import type { Conversation } from "sealdesk/views";

import { AskAbout } from "../../kit/Ask.tsx";
import { oneLine } from "../../kit/letters.ts";
import { AssignAsk } from "./AssignAsk.tsx";
import { LinkAsk } from "./LinkAsk.tsx";
import { EraseAsk, PriorityAsk, TransferAsk } from "./SmallAsks.tsx";
import { SnoozeAsk } from "./SnoozeAsk.tsx";
import type { Asks } from "./StaffActions.tsx";
import { TagAsk } from "./TagAsk.tsx";
import { PublicReasonAsk, ResolveAsk } from "./WordsAsk.tsx";

export interface AskProps {
  opened: Conversation;
  onClose(): void;
}

/** Each says which ticket it is about: whoever goes through a list by keys sees it before they agree. */
export default function Dialogs(props: AskProps & { asks: Asks }) {
  const { ticket, messages } = props.opened;
  const subject = oneLine(messages[0]?.subject);
  const about = (
    <>
      <span className="numbers">{ticket.ticket_id}</span>
      {subject !== null && (
        <>
          {" · "}
          <bdi>{subject}</bdi>
        </>
      )}
    </>
  );
  return (
    <AskAbout value={about}>
      <Asked {...props} />
    </AskAbout>
  );
}

function Asked({ asks, ...rest }: AskProps & { asks: Asks }) {
  switch (asks) {
    case "assign":
      return <AssignAsk {...rest} />;
    case "resolve":
      return <ResolveAsk {...rest} />;
    case "snooze":
      return <SnoozeAsk {...rest} />;
    case "priority":
      return <PriorityAsk {...rest} />;
    case "tag":
      return <TagAsk {...rest} />;
    case "link":
    case "merge":
      return <LinkAsk {...rest} merges={asks === "merge"} />;
    case "transfer":
      return <TransferAsk {...rest} />;
    case "close":
    case "reopen":
      return <PublicReasonAsk {...rest} act={asks} />;
    case "erase":
      return <EraseAsk {...rest} />;
  }
}
