// Where a reply or a note is written. It says which of the two before, while and after somebody types.
import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { type KeyboardEvent, useState } from "react";
import type { Ticket } from "sealdesk/views";

import { door } from "../door.ts";
import { AttachButton, ChosenFiles, useTarget } from "../files/Attach.tsx";
import { Stopped, useFiles } from "../files/chosen.ts";
import { Button, Field } from "../kit/controls.tsx";
import { Problem } from "../kit/Problem.tsx";
import { Seal } from "../kit/Seal.tsx";
import { client, keys } from "../queries.ts";
import { useOpened } from "../session/session.tsx";
import { useDraft } from "./draft.ts";
import { useTold } from "./told.tsx";

type Kind = "reply" | "note";

export function Composer({ ticket, isCustomer }: { ticket: Ticket; isCustomer: boolean }) {
  const { t } = useLingui();
  const { address } = useOpened();
  const [kind, setKind] = useState<Kind>("reply");
  const id = ticket.ticket_id;
  const [text, setText, drop] = useDraft(`${kind}/${id}`);
  // What was attached to a note is not attached to the reply.
  const both = { reply: useFiles(`reply/${id}`), note: useFiles(`note/${id}`) };
  const files = both[kind];
  const told = useTold();
  const send = useMutation({
    async mutationFn({ kind, text }: { kind: Kind; text: string }) {
      const ids = await files.bring(id, kind === "note");
      if (ids.length > 0) return door.respondWith(id, { message: text, internal: kind === "note" }, ids);
      return kind === "note" ? door.note(id, text) : door.reply(id, text);
    },
    async onSuccess(done) {
      if (told(done)) {
        files.drop();
        await drop();
      }
      await client.invalidateQueries({ queryKey: keys.ticket(id) });
      await client.invalidateQueries({ queryKey: keys.inbox });
    },
  });
  const { isOver, target } = useTarget(files, send.isPending);
  if (ticket.status === "closed") {
    return (
      <div className="composer quiet small">
        <Trans>This ticket is closed. Open it again to write in it.</Trans>
      </div>
    );
  }
  const isEmpty = text.trim() === "" && files.chosen.length === 0;
  const go = () => !isEmpty && !send.isPending && send.mutate({ kind, text });
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey) && !event.nativeEvent.isComposing) {
      event.preventDefault();
      go();
    }
  };
  const isNote = kind === "note";
  const mayReply = isCustomer || ticket.assigned_to === address || ticket.customer_address === address;
  return (
    <form className={`composer${isNote ? " note" : ""}`} onSubmit={(event) => (event.preventDefault(), go())} onKeyDown={onKeyDown} {...target}>
      {!isCustomer && (
        <div className="row">
          <Button kind={isNote ? "plain" : "normal"} aria-pressed={!isNote} isDisabled={send.isPending} onPress={() => setKind("reply")}>
            <Trans>Reply</Trans>
          </Button>
          <Button kind={isNote ? "normal" : "plain"} aria-pressed={isNote} isDisabled={send.isPending} onPress={() => setKind("note")}>
            <Trans>Note</Trans>
          </Button>
          <span className="quiet small">
            {isNote ? <Trans>The customer cannot read this.</Trans> : <Trans>The customer reads this.</Trans>}
          </span>
        </div>
      )}
      <Field
        label={isNote ? t`Your note` : t`Your reply`}
        hiddenLabel
        placeholder={isNote ? t`Write a note for the team` : t`Write a reply`}
        lines={2}
        value={text}
        onChange={setText}
        isReadOnly={send.isPending}
      />
      {!mayReply && !isNote && (
        <p className="quiet small">
          <Trans>Only whoever has the ticket replies in it. Assign it to yourself first.</Trans>
        </p>
      )}
      <ChosenFiles files={files} isBusy={send.isPending} isOver={isOver} />
      {send.error && !(send.error instanceof Stopped) && <Problem error={send.error} />}
      <div className="row end">
        <AttachButton files={files} isBusy={send.isPending} isQuiet />
        <span className="space" />
        <Seal state={send.isPending ? "closing" : "open"} />
        <Button kind="primary" type="submit" isDisabled={isEmpty || send.isPending}>
          {send.isPending ? <Trans>Sealing…</Trans> : isNote ? <Trans>Leave the note</Trans> : <Trans>Send</Trans>}
        </Button>
      </div>
    </form>
  );
}
