// What is asked before an act of staff is done.
import type { Conversation } from "sealdesk/views";

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

export default function Dialogs({ asks, ...rest }: AskProps & { asks: Asks }) {
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
