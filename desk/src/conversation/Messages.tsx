// What was said, oldest first, with what happened between.
import { Trans } from "@lingui/react/macro";
import { Suspense } from "react";
import type { Conversation, Message, Ticket } from "sealdesk/views";

import { oneLine } from "../kit/letters.ts";
import { Said } from "../kit/Said.tsx";
import { When } from "../kit/When.tsx";
import { lazy } from "../kit/lost.ts";
import { ofLater } from "../pages/parts.ts";
import { Name } from "../people/names.tsx";
import { useOpened } from "../session/session.tsx";
import { type Event, Happened, Line } from "./Happened.tsx";
import { isTagsAlone, namedTags } from "./tags.ts";
import { NotShown, Warned } from "./Warned.tsx";

const MessageFiles = lazy(() => ofLater(() => import("../files/MessageFiles.tsx")));

export function Messages({ opened, isCustomer }: { opened: Conversation; isCustomer: boolean }) {
  const entries = [
    ...opened.messages.map((message) => ({
      at: message.created_at ?? "",
      rank: 0,
      shown: <Shown key={`message ${message.response_index ?? "first"}`} message={message} ticket={opened.ticket} isCustomer={isCustomer} />,
    })),
    ...opened.events.map((event, n) => ({
      at: new Date(Number(event.timestamp) * 1000).toISOString().replace(".000Z", "Z"),
      rank: 1,
      shown: <Happened key={`event ${n}`} event={event as Event} ticket={opened.ticket} />,
    })),
  ];
  entries.sort((one, other) => one.at.localeCompare(other.at) || one.rank - other.rank);
  return entries.map((entry) => entry.shown);
}

/** What a note says the tags are. */
function TagWords({ message: { author, is_agent }, named }: { message: Message; named: readonly string[] }) {
  const { address } = useOpened();
  const isMe = author === address;
  const who = <Name address={author} isStaff={is_agent} />;
  if (named.length === 0) return isMe ? <Trans>You removed all tags</Trans> : <Trans>{who} removed all tags</Trans>;
  const tags = <bdi>{named.map(oneLine).join(", ")}</bdi>;
  return isMe ? <Trans>You set the tags: {tags}</Trans> : <Trans>{who} set the tags: {tags}</Trans>;
}

function Shown({ message, ticket, isCustomer }: { message: Message; ticket: Ticket; isCustomer: boolean }) {
  const { address } = useOpened();
  const isMine = message.author === address;
  const named = namedTags(message);
  if (named && isTagsAlone(message)) {
    return (
      <Line at={message.created_at}>
        <TagWords message={message} named={named} />
      </Line>
    );
  }
  return (
    <section className={`message${message.internal ? " note" : ""}${isMine ? " mine" : ""}`}>
      <div className="by">
        <strong>
          <Name address={message.author} isStaff={message.is_agent} />
        </strong>
        {message.internal && (
          <span className="kind">
            <Trans>Note: the customer cannot read it</Trans>
          </span>
        )}
        <When at={message.created_at} />
        {message.imported && <Told message={message} />}
      </div>
      {message.text === null ? (
        <div className="said quiet">
          {message.internal && isCustomer ? <Trans>A note for the support team</Trans> : <NotShown message={message} />}
        </div>
      ) : (
        message.text !== "" && <Said text={message.text} />
      )}
      {message.attachments.length > 0 && (
        <Suspense>
          <MessageFiles ticket={ticket} response={message.response_index} />
        </Suspense>
      )}
      {named && (
        <div className="quiet small">
          <TagWords message={message} named={named} />
        </div>
      )}
      <Warned of={message.warned} />
    </section>
  );
}

/** Who said it, as its author tells. */
function Told({ message }: { message: Message }) {
  const author = oneLine(message.imported?.author);
  const who = <bdi>{author}</bdi>;
  return author === null ? null : (
    <span>
      · <Trans>as reported by {who}</Trans>
    </span>
  );
}
