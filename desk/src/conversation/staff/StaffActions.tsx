// What staff can do with a ticket as it stands: the next step as a button, everything else in a menu, all of it by key.
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Ellipsis } from "lucide-react";
import { Suspense, useState } from "react";
import type { Act, Conversation, Role } from "sealdesk/views";

import { door } from "../../door.ts";
import { type ActionId } from "../../keyboard/table.ts";
import { useAriaKeys } from "../../keyboard/Keys.tsx";
import { MenuButton } from "../../kit/MenuButton.tsx";
import { lazy } from "../../kit/lost.ts";
import { DeskButton, useDeskAction } from "../../offline/NeedsDesk.tsx";
import { ofLater } from "../../pages/parts.ts";
import { useOpened } from "../../session/session.tsx";
import { isOver } from "../Actions.tsx";
import { claimantOf } from "../claim.ts";
import { buries } from "../meanwhile.ts";
import { useDo } from "./doing.ts";
import { helping } from "./helping.ts";

const ReceiptAsk = lazy(() => ofLater(() => import("../receipt/ReceiptAsk.tsx")));
const Dialogs = lazy(() => import("./Dialogs.tsx"));

export type Asks = "assign" | "resolve" | "snooze" | "priority" | "tag" | "link" | "merge" | "transfer" | "close" | "reopen" | "erase";

export default function StaffActions({ opened, role }: { opened: Conversation; role: Role }) {
  const { t } = useLingui();
  const [asks, setAsks] = useState<Asks | "receipt" | null>(null);
  const { ticket } = opened;
  const id = ticket.ticket_id;
  const { address } = useOpened();
  const can = useCan(opened, role);
  const act = useDo();
  const step = (step: Act, label: string, done: string) => () => act({ ticket: id, kind: step.act, label, done, seen: buries([step]) ? ticket.response_count : undefined, work: () => door.act(id, [step]) });
  const start = can.start ? step({ act: "start_work" }, t`Starting work on ${id}`, t`In progress`) : undefined;
  const wait = can.wait ? step({ act: "await_customer" }, t`Setting ${id} to waiting`, t`Waiting for the customer.`) : undefined;
  // An administrator gives it to themselves; anyone who helps goes on, and the ledger judges who of them still may.
  const toMe = () => {
    const beside = helping(ticket.collaborators, address, ticket.collaborators);
    act({ ticket: id, kind: "assign", given: { agent: address, beside }, label: t`Assigning ${id} to you`, done: t`Assigned.`, work: () => (beside.length === 0 ? door.assign(id, address) : door.assignWith(id, address, beside)) });
  };
  const take = can.take ? () => act({ ticket: id, kind: "take", label: t`Taking ${id}`, done: t`Assigned to you.`, work: () => door.take(id) }) : undefined;
  const wake = can.snooze && ticket.snoozed_until !== null && Date.parse(ticket.snoozed_until) > Date.now()
    ? step({ act: "snooze", until: null }, t`Bringing ${id} back`, t`Brought back.`)
    : undefined;
  const ask = (what: Asks) => () => setAsks(what);

  const menu: { id: string; name: string; run(): void; isGrave?: boolean }[] = [];
  const offer = (isOffered: boolean, what: Asks, name: string, isGrave = false) => {
    if (isOffered) menu.push({ id: what, name, run: ask(what), isGrave });
  };
  if (wake) menu.push({ id: "wake", name: t`Bring back`, run: wake });
  offer(can.works && !isOver(ticket), "priority", t`Priority`);
  offer(can.notes, "tag", t`Tags`);
  offer(can.notes, "link", t`Link to another ticket`);
  offer(can.merges, "merge", t`Merge into another ticket`);
  offer(can.closes, "close", t`Close`);
  offer(can.isAdministrator, "transfer", t`Transfer to another customer`);
  menu.push({ id: "receipt", name: t`Receipt`, run: () => setAsks("receipt") });
  offer(can.isAdministrator && ticket.status === "closed", "erase", t`Destroy its texts on this node`, true);

  useDeskAction("startWork", start);
  useDeskAction("awaitCustomer", wait);
  useDeskAction("take", can.toMe ? toMe : take);
  // What assigning is for an administrator, taking is for an agent: the same key.
  useDeskAction("assign", can.assign ? undefined : take);
  const bound: [ActionId, Asks, boolean][] = [
    ["assign", "assign", can.assign],
    ["resolve", "resolve", can.resolve],
    ["snooze", "snooze", can.snooze],
    ["priority", "priority", can.works && !isOver(ticket)],
    ["tag", "tag", can.notes],
    ["link", "link", can.notes],
    ["transfer", "transfer", can.isAdministrator],
    ["close", "close", can.closes],
    ["reopen", "reopen", can.reopen],
  ];
  return (
    <div className="row actions">
      {bound.map(([action, what, isBound]) => (
        <Bound key={action} action={action} run={isBound ? ask(what) : undefined} />
      ))}
      {take && (
        <DeskButton onPress={take}>
          <Trans>Take it</Trans>
        </DeskButton>
      )}
      {can.assign && <Step action="assign" name={t`Assign`} onPress={ask("assign")} />}
      {start && (
        <DeskButton onPress={start}>
          <Trans>Start work</Trans>
        </DeskButton>
      )}
      {wait && (
        <DeskButton onPress={wait}>
          <Trans>Wait for the customer</Trans>
        </DeskButton>
      )}
      {can.resolve && <Step action="resolve" name={t`Resolve`} onPress={ask("resolve")} />}
      {can.snooze && <Step action="snooze" name={t({ message: "Put aside", context: "act" })} onPress={ask("snooze")} />}
      {can.isAdministrator && claimantOf(opened) !== null && (
        <DeskButton kind="primary" onPress={ask("transfer")}>
          <Trans>Transfer to the person who claims it</Trans>
        </DeskButton>
      )}
      {can.reopen && <Step action="reopen" name={t`Reopen`} onPress={ask("reopen")} />}
      {menu.length > 0 && (
        <MenuButton needsDesk aria-label={t`More`} placement="bottom end" lines={menu} onChoose={(id) => menu.find((line) => line.id === id)?.run()}>
          <Ellipsis size={18} aria-hidden />
        </MenuButton>
      )}
      {asks === "receipt" && (
        <Suspense>
          <ReceiptAsk id={id} onClose={() => setAsks(null)} />
        </Suspense>
      )}
      {asks !== null && asks !== "receipt" && (
        <Suspense>
          <Dialogs asks={asks} opened={opened} onClose={() => setAsks(null)} />
        </Suspense>
      )}
    </div>
  );
}

function Bound({ action, run }: { action: ActionId; run: (() => void) | undefined }) {
  useDeskAction(action, run);
  return null;
}

function Step({ action, name, onPress }: { action: ActionId; name: string; onPress(): void }) {
  const keys = useAriaKeys(action);
  return (
    <DeskButton onPress={onPress} {...keys}>
      {name}
    </DeskButton>
  );
}

/** What the ledger would take from this person now. */
function useCan({ ticket }: Conversation, role: Role) {
  const { address } = useOpened();
  const { data: rules } = useQuery({ queryKey: ["rules"], queryFn: () => door.rules() });
  const isAdministrator = role === "administrator";
  const isCustomer = ticket.customer_address === address;
  const works = isAdministrator || ticket.assigned_to === address || ticket.collaborators.includes(address);
  const { status } = ticket;
  const isOpen = !isOver(ticket);
  return {
    isAdministrator,
    works,
    notes: works && !isCustomer && status !== "closed",
    take: status === "open" && !isAdministrator && !isCustomer && rules?.open_queue === true,
    assign: isAdministrator && isOpen,
    toMe: isAdministrator && isOpen && !isCustomer && ticket.assigned_to !== address,
    start: works && (status === "assigned" || status === "pending_customer"),
    wait: works && status === "in_progress",
    resolve: works && isOpen && status !== "open",
    snooze: works && isOpen,
    closes: (isAdministrator || isCustomer) && status !== "closed",
    merges: isAdministrator && status !== "closed",
    reopen: (isAdministrator || isCustomer) && isOver(ticket),
  };
}
