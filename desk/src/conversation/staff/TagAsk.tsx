// Tags of a ticket: words that staff sort by, sealed in a note for those who work on it.
import { Trans, useLingui } from "@lingui/react/macro";
import { X } from "lucide-react";
import { useState } from "react";

import { door } from "../../door.ts";
import { Ask, AskEnd } from "../../kit/Ask.tsx";
import { Button, Field } from "../../kit/controls.tsx";
import { oneLine } from "../../kit/letters.ts";
import { retag } from "../retag.ts";
import { useDo, useGiven } from "./doing.ts";
import { changed, changeOf, isTooMany, type TagChange, tagsIn, tagsOf, withTag } from "../tags.ts";
import type { AskProps } from "./Dialogs.tsx";
import { useStaffDocument } from "./documents.ts";

export function TagAsk({ opened, onClose }: AskProps) {
  const { t } = useLingui();
  const act = useDo();
  const id = opened.ticket.ticket_id;
  // As they stood when it was opened, and what is on its way: others may change them meanwhile, and theirs stay.
  const [before] = useState(() => tagsOf(opened.messages));
  const held = useGiven<TagChange>(id, "tags");
  const [begun] = useState(() => (held ? changed(before, held) : before));
  const [tags, setTags] = useState(begun);
  const [typed, setTyped] = useState("");
  const { data: known } = useStaffDocument("tags");
  const all = tagsIn(typed).reduce(withTag, tags);
  const isFull = isTooMany(before, all);
  const suggested = Object.keys(known?.entries ?? {}).filter((tag) => !all.includes(tag)).sort().slice(0, 24);
  const go = () => {
    const names = all.join(", ");
    const change = changeOf(before, begun, all);
    const fresh = all.filter((tag) => known !== undefined && known.entries[tag] === undefined);
    const isBegun = act({
      ticket: id,
      kind: "tags",
      given: change,
      isAsBefore: changed(before, change).join("\n") === [...before].sort().join("\n"),
      label: t`Tags of ${id}: ${names}`,
      done: t`The tags are changed.`,
      async work() {
        const told = await retag(id, change);
        // Others are offered them then. The ticket has its tags whether or not this is written.
        if (fresh.length > 0) await door.editDocument("staff", "tags", fresh.map((name) => ({ name, value: {} }))).catch(() => undefined);
        return told;
      },
    });
    if (isBegun) onClose();
  };
  return (
    <Ask title={t`Tags`} isOpen onClose={onClose}>
      {tags.length > 0 && (
        <ul className="row" aria-label={t`Tags of this ticket`}>
          {tags.map((tag) => (
            <li key={tag}>
              <Button aria-label={t`Remove ${tag}`} onPress={() => setTags(tags.filter((other) => other !== tag))}>
                <bdi>{oneLine(tag)}</bdi>
                <X size={14} aria-hidden />
              </Button>
            </li>
          ))}
        </ul>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isFull) return;
          if (typed.trim() === "") return go();
          setTags(all);
          setTyped("");
        }}
      >
        <Field
          label={t`Add tags, separated by commas`}
          hint={t`Sealed: only the team reads them.`}
          value={typed}
          onChange={setTyped}
          problem={isFull ? t`This ticket already has as many tags as it can have. Remove one first.` : undefined}
          autoFocus
        />
      </form>
      {suggested.length > 0 && (
        <div className="field">
          <span className="label">
            <Trans>Used before</Trans>
          </span>
          <ul className="row">
            {suggested.map((tag) => (
              <li key={tag}>
                <Button kind="plain" onPress={() => setTags(withTag(all, tag))}>
                  <bdi>{oneLine(tag)}</bdi>
                </Button>
              </li>
            ))}
          </ul>
        </div>
      )}
      <AskEnd onClose={onClose} isBusy={all.join() === begun.join()} isDisabled={isFull} onDo={go}>
        <Trans>Save the tags</Trans>
      </AskEnd>
    </Ask>
  );
}
