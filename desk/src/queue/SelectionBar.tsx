// What can be done with all that is selected. It floats over the end of the list, so that no row moves when it comes.
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { X } from "lucide-react";
import { type ReactNode, useId } from "react";
import type { QueueRole } from "sealdesk/views";

import { Button } from "../kit/controls.tsx";
import { AwayLine, DeskButton, useDeskAction } from "../offline/NeedsDesk.tsx";
import type { What } from "./bulkActs.tsx";
import { all } from "./selection.ts";
import { change } from "./state.ts";

interface Props {
  role: QueueRole;
  count: number;
  rows: readonly string[];
  onDo(what: What): void;
  onClear(): void;
}

export function SelectionBar({ role, count, rows, onDo, onClear }: Props) {
  const { i18n, t } = useLingui();
  const number = new Intl.NumberFormat(i18n.locale).format(rows.length);
  const isAdministrator = role.role === "administrator";
  const over = { goesFirst: true };
  useDeskAction("assign", () => onDo(isAdministrator ? "assign" : "take"), over);
  useDeskAction("startWork", () => onDo("startWork"), over);
  useDeskAction("awaitCustomer", () => onDo("awaitCustomer"), over);
  useDeskAction("resolve", () => onDo("resolve"), over);
  useDeskAction("close", isAdministrator ? () => onDo("close") : undefined, over);
  useDeskAction("priority", () => onDo("priority"), over);
  useDeskAction("snooze", () => onDo("snooze"), over);
  useDeskAction("tag", () => onDo("tag"), over);
  const reason = useId();
  const button = (what: What, name: ReactNode) => <DeskButton reason={reason} onPress={() => onDo(what)}>{name}</DeskButton>;
  return (
    <section className="selection" aria-label={t`Selection`}>
      <div className="row">
        <strong role="status">
          <Plural value={count} one="# selected" other="# selected" />
        </strong>
        {count < rows.length && (
          <Button kind="plain" onPress={() => change({ selection: all(rows) })}>
            <Trans>Select all {number}</Trans>
          </Button>
        )}
        <span className="space" />
        <Button kind="plain" aria-label={t`Clear the selection`} onPress={onClear}>
          <X size={16} aria-hidden />
        </Button>
      </div>
      <AwayLine id={reason} ofActs />
      <div className="acts">
        {isAdministrator ? button("assign", <Trans>Assign</Trans>) : button("take", <Trans>Take</Trans>)}
        {button("startWork", <Trans>Start</Trans>)}
        {button("awaitCustomer", <Trans>Wait</Trans>)}
        {button("resolve", <Trans>Resolve</Trans>)}
        {isAdministrator && button("close", <Trans>Close</Trans>)}
        {button("priority", <Trans>Priority</Trans>)}
        {button("snooze", <Trans context="act">Put aside</Trans>)}
        {button("tag", <Trans>Tag</Trans>)}
      </div>
    </section>
  );
}
